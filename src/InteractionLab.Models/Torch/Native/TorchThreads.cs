using System.Globalization;
using InteractionLab.Models.Execution;

namespace InteractionLab.Models.Torch.Native;

/// <summary>How many workers libtorch has: a job's share of the processors.</summary>
internal static class TorchThreads
{
    /// <summary>
    /// The number: what the user set, and else the job's share. libtorch has one for the whole process, and sums in another
    /// order with another number; so it is set once, and nothing that runs beside a training can change the training's bits.
    /// </summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), CultureInfo.InvariantCulture, out var count) && count > 0 ? count : ProcessorShare.Threads;

    /// <summary>Takes the number, once libtorch is loaded.</summary>
    public static void Settle() => TorchSharp.torch.set_num_threads(Count);
}
