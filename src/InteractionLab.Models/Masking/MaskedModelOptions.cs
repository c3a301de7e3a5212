using InteractionLab.Models.Execution;

namespace InteractionLab.Models.Masking;

/// <summary>What v(S) is (method.md §1).</summary>
public enum ValueKind
{
    /// <summary>z_y - logsumexp over k ≠ y of z_k: the log-odds of class y.</summary>
    LogOdds,

    /// <summary>z_y.</summary>
    Logit,

    /// <summary>softmax(z)_y.</summary>
    Probability,
}

/// <summary>Where the network runs.</summary>
public enum DeviceKind
{
    /// <summary>CUDA where there is one, else the CPU, saying so in the notes.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>CUDA, or an error.</summary>
    Cuda,
}

/// <summary>
/// Which player owns each cell of the input. <see cref="PlayerOf"/> has one entry per cell of one sample's input
/// (row-major, without the batch dimension): a player 0..n-1, or <see cref="Keep"/> or <see cref="Absent"/>.
/// </summary>
public sealed record PlayerLayout(int Players, IReadOnlyList<int> PlayerOf)
{
    /// <summary>A cell of no player that keeps its value.</summary>
    public const int Keep = -1;

    /// <summary>A cell of no player that always takes the baseline (<c>outside: "baseline"</c>).</summary>
    public const int Absent = -2;
}

/// <summary>How a masked model is built.</summary>
/// <param name="Value">What the graph computes last.</param>
/// <param name="Cut">The tensor that is masked; null is the input.</param>
/// <param name="Device">Where it runs.</param>
/// <param name="Batch">Rows per run at most; null takes what <paramref name="Speed"/> remembers or measures, and without it a fixed rule.</param>
/// <param name="Threads">Threads of the network in ONNX Runtime, on the CPU runs side by side on one each; null takes the job's share (<see cref="ProcessorShare"/>). libtorch has one number a process: only null.</param>
/// <param name="Executor">What runs it.</param>
/// <param name="Speed">Where measured batch sizes are kept; null measures nothing.</param>
public sealed record MaskedModelOptions(ValueKind Value, string? Cut = null, DeviceKind Device = DeviceKind.Auto, int? Batch = null, int? Threads = null, NetworkExecutor Executor = NetworkExecutor.OnnxRuntime, ISpeedMemory? Speed = null);
