using InteractionLab.Models.Execution;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Masking;

/// <summary>What stays the same for all masks of one evaluation.</summary>
internal sealed record MaskedInputs(float[] Feature, float[] Baseline, LayoutIndex Layout, long[] SampleShape, int Players, long Target)
{
    /// <summary>What goes round a cut, in the graph's order (<see cref="MaskedGraph.Bypasses"/>).</summary>
    public IReadOnlyList<float[]> Bypasses { get; init; } = [];
}

/// <summary>A masked graph opened on an executor. What changes <see cref="Rows"/> and <see cref="Lanes"/> is for one thread at a time.</summary>
internal interface IMaskedSession : IDisposable
{
    /// <summary>Rows of a run at most; never changed where the graph is written for a fixed batch.</summary>
    int Rows { get; set; }

    /// <summary>Runs that go on at once.</summary>
    int Lanes { get; }

    /// <summary>Rows of each run of an evaluation of so many masks, but for the last.</summary>
    int RowsOf(int masks);

    /// <summary>
    /// Takes less memory from now on than an evaluation of so many masks took: runs of half the rows, or fewer of them at
    /// once. False where one row, or one fixed batch, runs at a time.
    /// </summary>
    bool TryTakeLess(int masks);

    /// <summary>v of each mask. Several threads may evaluate at once.</summary>
    /// <returns>The <see cref="Rows"/> that it ran with.</returns>
    /// <exception cref="DeviceMemoryException">Memory ran out; what was computed is worth nothing.</exception>
    /// <exception cref="Onnx.ModelRejectedException">The network failed to run.</exception>
    int Evaluate(MaskedInputs inputs, MaskWords masks, Span<double> values, IProgress<double>? progress, CancellationToken cancellation);

    /// <summary>Opens a masked network.</summary>
    /// <param name="graphOf">Builds its masked graph.</param>
    /// <param name="cells">Cells of the tensor that is masked.</param>
    /// <param name="placement">Where it runs.</param>
    /// <param name="rows">Rows per run.</param>
    /// <param name="rowsAreFixed">Whether the graph is written for that many.</param>
    /// <exception cref="Onnx.ModelRejectedException">The executor cannot run it.</exception>
    static IMaskedSession Open(Func<MaskForm, MaskedGraph> graphOf, long cells, Placement placement, int rows, bool rowsAreFixed) => placement.Executor == NetworkExecutor.Torch
        ? new TorchMaskedSession(graphOf(MaskForm.Select), placement.Device, rows, rowsAreFixed)
        : new MaskedSession(graphOf, cells, placement, rows, rowsAreFixed);
}
