using System.Diagnostics;
using InteractionLab.Models.Torch.Native;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>The copy of TorchSharp's native half for older C++ libraries.</summary>
public sealed class OlderStandardLibraryTests
{
    private static string Library => Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    [Fact]
    public void The_copy_differs_in_one_symbol_and_its_version_alone()
    {
        var original = File.ReadAllBytes(Library);
        var copy = (byte[])original.Clone();
        OlderStandardLibrary.Patch(copy);
        var changed = Enumerable.Range(0, copy.Length).Where(i => copy[i] != original[i]).ToList();

        // The name (28 bytes), the hash and the name's offset of one version (4 bytes each).
        Assert.InRange(changed.Count, 3, 36);
        Assert.True(changed.Select(i => i / 64).Distinct().Count() <= 4, "The changes are not in two places.");
        var (symbols, versions) = (Read("--dyn-syms"), Read("--version-info"));
        Assert.DoesNotContain("GLIBCXX_3.4.32", versions, StringComparison.Ordinal);
        Assert.DoesNotContain("ios_base_library_init", symbols, StringComparison.Ordinal);
        Assert.Contains("_ZNSt6locale7classicEv", symbols, StringComparison.Ordinal);

        string Read(string what)
        {
            var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            try
            {
                File.WriteAllBytes(path, copy);
                using var process = Process.Start(new ProcessStartInfo("readelf", ["--wide", what, path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var text = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                return text;
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    [Fact]
    public void What_is_not_such_a_library_is_refused_in_words()
    {
        var original = File.ReadAllBytes(Library);
        Assert.Throws<InvalidDataException>(() => OlderStandardLibrary.Patch([.. original[..40]]));
        Assert.Throws<InvalidDataException>(() => OlderStandardLibrary.Patch("#!/bin/sh and then something else, long enough for a header of a library"u8.ToArray()));
        Assert.Throws<InvalidDataException>(() => OlderStandardLibrary.Patch([.. original[..5000]]));
        var twice = (byte[])original.Clone();
        OlderStandardLibrary.Patch(twice);
        var fault = Assert.Throws<InvalidDataException>(() => OlderStandardLibrary.Patch(twice));
        Assert.Contains("what it lacks is something else", fault.Message, StringComparison.Ordinal);
    }
}
