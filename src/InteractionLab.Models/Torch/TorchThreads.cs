using System.Runtime.InteropServices;

namespace InteractionLab.Models.Torch;

/// <summary>
/// How libtorch's workers wait for one another. By default they spin for milliseconds, which is fast on an idle machine
/// and tens of times slower on one that is busy with something else; here they spin for a moment and then sleep.
/// </summary>
internal static partial class TorchThreads
{
    /// <summary>Sets the limits; libgomp and OpenBLAS read them when they are loaded, so this comes before. What the user set stays.</summary>
    public static void LimitSpinning()
    {
        if (OperatingSystem.IsLinux())
        {
            // The runtime's own environment is a copy that native libraries do not see.
            _ = SetVariable("GOMP_SPINCOUNT", "2000", overwrite: 0);
            _ = SetVariable("OPENBLAS_THREAD_TIMEOUT", "8", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
