using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace InteractionLab.Models.Torch.Native;

/// <summary>
/// Finds libtorch and TorchSharp's native half where the runtime's ordinary search does not: in the directory that
/// <c>LIBTORCH</c> names, for a program built without a libtorch of its own, and on systems with an older C++ library
/// (<see cref="OlderStandardLibrary"/>).
/// </summary>
internal static class LibtorchLoader
{
    private const string Binding = "LibTorchSharp";

    // In the order in which each needs those before it; those for CUDA are not in every libtorch.
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static readonly Lock Gate = new();
    private static bool prepared;
    private static string? fault;

    private static Assembly TorchSharpAssembly => typeof(TorchSharp.torch).Assembly;

    /// <summary>Where this program's own native libraries are.</summary>
    private static string ProgramFolder => Path.GetDirectoryName(TorchSharpAssembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;

    /// <summary>
    /// Loads them, before TorchSharp is first used: its own loader, where it finds nothing, copies libraries about and prints
    /// pages to the console.
    /// </summary>
    /// <exception cref="DllNotFoundException"><c>LIBTORCH</c> cannot be followed, or a library is missing or does not fit this system.</exception>
    public static void Prepare()
    {
        lock (Gate)
        {
            if (Environment.GetEnvironmentVariable("LIBTORCH") is { Length: > 0 } named)
            {
                Follow(named);
            }

            if (!prepared)
            {
                // Raised only when the ordinary search has failed.
                AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
                prepared = true;
            }

            if (!NativeLibrary.TryLoad(Binding, TorchSharpAssembly, null, out var binding))
            {
                throw new DllNotFoundException(fault ?? $"lib{Binding}.so is missing beside the program");
            }

            ScalarLifetime.Extend(binding);
            InitialiseLog();
        }
    }

    /// <summary>Has libtorch take its log level from the environment, which it does not by itself.</summary>
    private static unsafe void InitialiseLog()
    {
        // c10::initLogging(); found by its name, as it is loaded.
        if (NativeLibrary.TryLoad("libc10.so", TorchSharpAssembly, null, out var c10) && NativeLibrary.TryGetExport(c10, "_ZN3c1011initLoggingEv", out var initialise))
        {
            ((delegate* unmanaged[Cdecl]<void>)initialise)();
        }
    }

    private static void Follow(string named)
    {
        var folder = Path.Combine(named, "lib");
        if (!File.Exists(Path.Combine(folder, "libtorch_cpu.so")))
        {
            throw new DllNotFoundException($"LIBTORCH is '{named}', which has no lib/libtorch_cpu.so");
        }

        if (File.Exists(Path.Combine(ProgramFolder, "libtorch_cpu.so")))
        {
            // Two libtorch in one process end it.
            throw new DllNotFoundException($"LIBTORCH is '{named}', but this program was built with a libtorch of its own: build it while LIBTORCH is set (./run.sh does), or unset LIBTORCH");
        }

        LoadFrom(folder);
    }

    private static void LoadFrom(string folder)
    {
        foreach (var library in Libraries.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            NativeLibrary.Load(library);
        }
    }

    private static nint Resolve(Assembly assembly, string name)
    {
        if (!OperatingSystem.IsLinux() || name != Binding || assembly != TorchSharpAssembly)
        {
            return 0;
        }

        try
        {
            LoadFrom(ProgramFolder);
            return NativeLibrary.Load(OlderStandardLibrary.Adapt(Path.Combine(ProgramFolder, $"lib{Binding}.so")));
        }
        catch (Exception cause) when (cause is DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            fault = $"lib{Binding}.so does not fit this system's C++ library, and a copy that would ({nameof(OlderStandardLibrary)}) cannot be had: {cause.Message.Trim()}";
            return 0;
        }
    }
}
