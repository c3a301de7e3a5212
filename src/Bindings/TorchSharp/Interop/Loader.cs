using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp.Interop;

/// <summary>
/// Finds the native library and, through it, libtorch: the directory that the environment variable LIBTORCH names, or
/// the one the native library was built against.
/// </summary>
internal static unsafe class Loader
{
    // Of the memory the process may use, the part that may wait between tensors.
    private const int MemoryShare = 8;

    private static readonly Lazy<string?> Failure = new(Load);

    static Loader() => NativeLibrary.SetDllImportResolver(typeof(Loader).Assembly, Resolve);

    /// <summary>Why libtorch cannot be used, or null when it can.</summary>
    public static string? Problem => Failure.Value;

    /// <summary>Loads libtorch if it is not loaded.</summary>
    /// <exception cref="DllNotFoundException">It cannot be; the message says why and what to run.</exception>
    public static void Require()
    {
        if (Problem is { } problem)
        {
            throw new DllNotFoundException(problem);
        }
    }

    private static string? Load()
    {
        const string Advice = "Run ./run.sh (it installs what is missing), or as root 'apt-get install -y libtorch-dev libopenblas0-pthread cmake g++' and build again, or set LIBTORCH to a libtorch directory and build again.";
        var library = NativePath();
        if (!File.Exists(library))
        {
            return $"libtorch is not available: this build has no {Path.GetFileName(library)}, because no libtorch was found when it was made. {Advice}";
        }

        var named = Environment.GetEnvironmentVariable("LIBTORCH") is { Length: > 0 } given ? given : null;
        if (ProblemOf(named) is { } problem)
        {
            return problem;
        }

        var folder = named is null ? null : Path.Combine(named, "lib");
        try
        {
            Preload(folder);
            NativeLibrary.Load(library);
            fixed (byte* text = Encoding.UTF8.GetBytes((folder ?? string.Empty) + '\0'))
            {
                NativeMethods.Check(NativeMethods.lab_initialize(text, Environment.ProcessorCount));
            }

            NativeMethods.Check(NativeMethods.lab_keep_memory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryShare));

            return null;
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException or ExternalException)
        {
            return $"libtorch could not be loaded: {failure.Message.Split('\n')[0]} {Advice}";
        }
    }

    /// <summary>Why a directory that the user named for libtorch is none; another libtorch in its place would not be what was asked for.</summary>
    internal static string? ProblemOf(string? named)
    {
        const string Core = "libtorch_cpu.so";
        return named is null || File.Exists(Path.Combine(named, "lib", Core))
            ? null
            : $"libtorch could not be loaded: the environment variable LIBTORCH names '{named}', and there is no lib/{Core} in it. Name a libtorch directory, or unset LIBTORCH to use the one this was built against.";
    }

    // Libraries already loaded under the names that the native library asks for are the ones it gets.
    private static void Preload(string? folder)
    {
        if (folder is null)
        {
            return;
        }

        foreach (var name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
        {
            NativeLibrary.Load(Path.Combine(folder, name));
        }
    }

    private static string NativePath() => Path.Combine(AppContext.BaseDirectory, $"lib{NativeMethods.Library}.so");

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) =>
        name == NativeMethods.Library ? NativeLibrary.Load(NativePath()) : 0;
}
