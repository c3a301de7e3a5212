using InteractionLab.Models.Execution;

namespace InteractionLab.Models.Masking;

/// <summary>
/// A masked network on ONNX Runtime, in the form that suits the players. The graph of the other form is opened when a
/// sample needs it, and then takes the place of the first. Owns its sessions.
/// </summary>
internal sealed class MaskedSession : IMaskedSession
{
    // Tables are made for what most games have; a choice that proves wrong costs one more opening.
    private const int UsualPlayers = 16;

    // One runs, one writes masks.
    private const int LanesOnGpu = 2;
    private readonly Func<MaskForm, MaskedGraph> graphOf;
    private readonly Placement placement;
    private readonly bool rowsAreFixed;
    private readonly ReaderWriterLockSlim use = new();
    private MaskedRuns runs;

    /// <summary>Opens the network.</summary>
    /// <param name="graphOf">Builds its masked graph.</param>
    /// <param name="cells">Cells of the tensor that is masked.</param>
    /// <param name="placement">Where it runs.</param>
    /// <param name="rows">Rows per run.</param>
    /// <param name="rowsAreFixed">Whether the graph is written for that many.</param>
    /// <exception cref="Onnx.ModelRejectedException">ONNX Runtime cannot run it.</exception>
    public MaskedSession(Func<MaskForm, MaskedGraph> graphOf, long cells, Placement placement, int rows, bool rowsAreFixed)
    {
        (this.graphOf, this.placement, this.rowsAreFixed) = (graphOf, placement, rowsAreFixed);
        Rows = rows;
        Lanes = placement.Lanes;
        runs = Open(OnCpu && MaskTable.Fits(UsualPlayers, cells) ? MaskForm.Product : MaskForm.Select);
    }

    /// <inheritdoc/>
    public int Rows { get; set; }

    /// <inheritdoc/>
    public int Lanes { get; private set; }

    private bool OnCpu => placement.Device == DeviceKind.Cpu;

    /// <inheritdoc/>
    public int Evaluate(MaskedInputs inputs, MaskWords masks, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();

        // A GPU chooses cell by cell in one kernel, and its products may round.
        var product = OnCpu ? MaskTable.For(inputs) : null;
        var rows = Rows;
        EnterWith(product is null ? MaskForm.Select : MaskForm.Product);
        try
        {
            runs.Evaluate(inputs, product, masks, RowsOf(masks.Count, rows), rowsAreFixed, values, progress, cancellation);
            return rows;
        }
        finally
        {
            use.ExitReadLock();
        }
    }

    /// <inheritdoc/>
    public int RowsOf(int masks) => RowsOf(masks, Rows);

    /// <inheritdoc/>
    public bool TryTakeLess(int masks)
    {
        var rows = RowsOf(masks);
        if (rows > 1 && !rowsAreFixed)
        {
            Rows = rows / 2;
        }
        else if (Lanes > 1)
        {
            // As many rows a run as before: the values stay what they are.
            Lanes /= 2;
            runs.Lanes = Lanes;
        }
        else
        {
            return false;
        }

        return true;
    }

    public void Dispose()
    {
        runs.Dispose();
        use.Dispose();
    }

    private int RowsOf(int masks, int most) => rowsAreFixed ? most : MaskedRuns.RowsOf(masks, most, Lanes);

    /// <summary>Begins to use the graph of a form; the other one gives way to it when nobody uses it any more.</summary>
    private void EnterWith(MaskForm form)
    {
        for (use.EnterReadLock(); runs.Form != form; use.EnterReadLock())
        {
            use.ExitReadLock();
            use.EnterWriteLock();
            try
            {
                if (runs.Form != form)
                {
                    var opened = Open(form);
                    runs.Dispose();
                    runs = opened;
                }
            }
            finally
            {
                use.ExitWriteLock();
            }
        }
    }

    private MaskedRuns Open(MaskForm form)
    {
        var graph = graphOf(form);
        return OnCpu
            ? new MaskedRuns(graph, NetworkSession.Open(graph.Model, placement.Device, 1), Lanes, sideBySide: true, copies: false)
            : new MaskedRuns(graph, NetworkSession.Open(graph.Model, placement.Device, placement.Threads), LanesOnGpu, sideBySide: false, copies: true);
    }
}
