using InteractionLab.Models.Onnx;

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
/// <param name="Batch">Rows per run; null lets the model choose.</param>
/// <param name="Threads">Threads of one run; null lets ONNX Runtime choose.</param>
public sealed record MaskedModelOptions(ValueKind Value, string? Cut = null, DeviceKind Device = DeviceKind.Auto, int? Batch = null, int? Threads = null);

/// <summary>
/// A network with masking compiled into its graph: mask bits go in, v(S) comes out (docs/masked-models.md).
/// Not safe for use by several threads at once.
/// </summary>
public sealed class MaskedModel : IDisposable
{
    private MaskedModel()
    {
    }

    /// <summary>Builds the masked graph and opens a session on it.</summary>
    /// <param name="model">A model with one float input [batch, ...] and one output of logits [batch, classes].</param>
    /// <param name="sampleShape">Shape of one sample, without the batch dimension.</param>
    /// <param name="options">Value, cut, device.</param>
    /// <exception cref="ModelRejectedException">The graph cannot be masked; the message says why.</exception>
    public static MaskedModel Build(OnnxModel model, IReadOnlyList<int> sampleShape, MaskedModelOptions options) => throw new NotImplementedException();

    /// <summary>Number of classes of the output.</summary>
    public int Classes => throw new NotImplementedException();

    /// <summary>Rows evaluated per run of the runtime: 1 where the batch dimension is fixed and cannot soundly be relaxed.</summary>
    public int BatchSize => throw new NotImplementedException();

    /// <summary>Fallbacks the reader of a result should know of (device, batch dimension).</summary>
    public IReadOnlyList<string> Notes => throw new NotImplementedException();

    /// <summary>Logits [classes] of one unmasked sample.</summary>
    public float[] Logits(ReadOnlySpan<float> sample) => throw new NotImplementedException();

    /// <summary>v(S) for each mask given; float32 in the network, widened to double.</summary>
    /// <param name="sample">One sample, row-major.</param>
    /// <param name="baseline">What absent cells become; same length.</param>
    /// <param name="layout">Players.</param>
    /// <param name="target">Class y, 0..<see cref="Classes"/>-1.</param>
    /// <param name="masks">Masks; bit i = player i present.</param>
    /// <param name="values">Receives v, same length as <paramref name="masks"/>.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Checked between runs of the runtime.</param>
    public void Evaluate(ReadOnlySpan<float> sample, ReadOnlySpan<float> baseline, PlayerLayout layout, int target, ReadOnlySpan<uint> masks, Span<double> values, IProgress<double>? progress = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
