using System.Globalization;
using System.Runtime.InteropServices;

namespace InteractionLab.Models.Torch.Native;

/// <summary>
/// What libtorch and the C library read once, set before libtorch is loaded. The process's native environment is meant: the
/// runtime's own is a copy that native libraries do not see. What the user set stays.
/// </summary>
internal static partial class NativeEnvironment
{
    // Of mallopt(3).
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    /// <summary>Sets everything. A second call changes nothing.</summary>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var threads = TorchThreads.Count.ToString(CultureInfo.InvariantCulture);
        _ = SetVariable("OMP_NUM_THREADS", threads, overwrite: 0);

        // Workers that wait spin for milliseconds by default, which is fast on an idle machine and tens of times slower on
        // one that is busy with something else; here they spin for a moment and then sleep.
        _ = SetVariable("GOMP_SPINCOUNT", "2000", overwrite: 0);

        // MKL else chooses a kernel by how memory happens to be aligned, and two equal trainings differ in the last bit.
        _ = SetVariable("MKL_CBWR", "AUTO,STRICT", overwrite: 0);

        // Else libtorch prints a line to the console whenever one of its libraries does not know this processor.
        _ = SetVariable("TORCH_CPP_LOG_LEVEL", "ERROR", overwrite: 0);

        KeepPages();
    }

    /// <summary>
    /// Freed memory stays with the process: given back at every step and asked for again, it costs a training several times
    /// its own processor time in page faults (docs/throughput.md).
    /// </summary>
    private static void KeepPages()
    {
        try
        {
            _ = SetMalloc(MmapThreshold, 1 << 30);
            _ = SetMalloc(TrimThreshold, int.MaxValue);
            _ = SetMalloc(TopPad, 64 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc: only speed is lost.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMalloc(int parameter, int value);
}
