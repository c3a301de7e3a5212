using TorchSharp.Interop;

namespace Bindings.TorchSharp.Tests;

/// <summary>The directory that a user names for libtorch.</summary>
public sealed class LoaderTests
{
    [Fact]
    public void A_directory_without_libtorch_is_refused_and_not_replaced_by_another()
    {
        var folder = Directory.CreateTempSubdirectory("libtorch-").FullName;
        try
        {
            Assert.Null(Loader.ProblemOf(null));
            Assert.Contains("LIBTORCH names '/nonexistent'", Loader.ProblemOf("/nonexistent"), StringComparison.Ordinal);
            Assert.Contains("no lib/libtorch_cpu.so", Loader.ProblemOf(folder), StringComparison.Ordinal);
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "lib")).FullName, "libtorch_cpu.so"), []);
            Assert.Null(Loader.ProblemOf(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
