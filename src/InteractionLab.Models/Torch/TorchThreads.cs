using System.Globalization;
using System.Runtime.InteropServices;
using InteractionLab.Models.Execution;

namespace InteractionLab.Models.Torch;

/// <summary>
/// How many workers libtorch has (a job's share of the processors), and how they wait for one another. By default they spin
/// for milliseconds, which is fast on an idle machine and tens of times slower on one that is busy with something else; here
/// they spin for a moment and then sleep.
/// </summary>
internal static partial class TorchThreads
{
    /// <summary>Sets both for every thread; libgomp and OpenBLAS read them when they are loaded, so this comes before. What the user set stays.</summary>
    public static void Prepare()
    {
        if (OperatingSystem.IsLinux())
        {
            // The runtime's own environment is a copy that native libraries do not see.
            _ = SetVariable("GOMP_SPINCOUNT", "2000", overwrite: 0);
            _ = SetVariable("OPENBLAS_THREAD_TIMEOUT", "8", overwrite: 0);
            var threads = Count.ToString(CultureInfo.InvariantCulture);
            _ = SetVariable("OMP_NUM_THREADS", threads, overwrite: 0);
            _ = SetVariable("OPENBLAS_NUM_THREADS", threads, overwrite: 0);
        }
    }

    /// <summary>
    /// The number: what the user set, and else the job's share. libtorch has one for the whole process, and sums in another
    /// order with another number; so it is set once, and nothing that runs beside a training can change the training's bits.
    /// </summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), CultureInfo.InvariantCulture, out var count) && count > 0 ? count : ProcessorShare.Threads;

    /// <summary>Takes the number, once libtorch is loaded.</summary>
    public static void Settle() => TorchSharp.torch.set_num_threads(Count);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
