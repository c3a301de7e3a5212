using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Masking;

/// <summary>
/// Memory that a masked graph reads what stays the same for all masks of a sample from; used again for the next sample of
/// the same shapes.
/// </summary>
internal sealed class SampleFeeds : IDisposable
{
    private readonly MaskedGraph graph;
    private readonly float[] feature;
    private readonly float[] baseline;
    private readonly long[] layout;
    private readonly float[] table;
    private readonly long[] target = new long[1];
    private readonly long[] layoutShape;
    private readonly int players;
    private readonly float[][] bypasses;
    private readonly List<(string Name, OrtValue Value)> bound = [];

    public SampleFeeds(MaskedGraph graph, MaskedInputs inputs, MaskTable? product)
    {
        this.graph = graph;
        players = inputs.Players;
        layoutShape = inputs.Layout.Shape;
        Columns = product?.Lines ?? players + 2;
        long[] one = [1, .. inputs.SampleShape];
        var cells = inputs.Feature.Length;
        (feature, baseline, layout, table) = product is null
            ? (new float[cells], new float[cells], new long[inputs.Layout.Columns.Length], (float[])[])
            : ([], [], [], new float[Columns * cells]);
        if (product is null)
        {
            bound.Add((graph.Layout, OrtValue.CreateTensorValueFromMemory(layout, layoutShape)));
            bound.Add((graph.Feature, OrtValue.CreateTensorValueFromMemory(feature, one)));
            bound.Add((graph.Baseline, OrtValue.CreateTensorValueFromMemory(baseline, one)));
        }
        else
        {
            bound.Add((graph.Table, OrtValue.CreateTensorValueFromMemory(table, [Columns, cells])));
        }

        bypasses = [.. inputs.Bypasses.Select(bypass => new float[bypass.Length])];
        bound.AddRange(graph.Bypasses.Zip(bypasses, (bypass, values) => (bypass.Name, OrtValue.CreateTensorValueFromMemory(values, bypass.Shape))));
        bound.Add((graph.Target, OrtValue.CreateTensorValueFromMemory(target, [])));
    }

    /// <summary>Columns of the mask.</summary>
    public int Columns { get; }

    /// <summary>Counts the samples taken in.</summary>
    public int Version { get; private set; }

    /// <summary>Whether a sample fits this memory.</summary>
    public bool Fits(MaskedInputs inputs, MaskTable? product) => product is null
        ? graph.Form == MaskForm.Select && players == inputs.Players && layoutShape.AsSpan().SequenceEqual(inputs.Layout.Shape)
        : graph.Form == MaskForm.Product && Columns == product.Lines;

    /// <summary>Takes in a sample.</summary>
    public void Load(MaskedInputs inputs, MaskTable? product)
    {
        Version++;
        target[0] = inputs.Target;
        foreach (var (values, buffer) in inputs.Bypasses.Zip(bypasses))
        {
            values.CopyTo(buffer, 0);
        }

        if (product is null)
        {
            inputs.Layout.Columns.CopyTo(layout, 0);
            inputs.Feature.CopyTo(feature, 0);
            inputs.Baseline.CopyTo(baseline, 0);
        }
        else
        {
            product.Fill(inputs, table);
        }
    }

    /// <summary>Binds what is loaded. On another device than the CPU this is when it is copied there.</summary>
    public void Bind(OrtIoBinding binding)
    {
        foreach (var (name, value) in bound)
        {
            binding.BindInput(name, value);
        }
    }

    public void Dispose()
    {
        foreach (var (_, value) in bound)
        {
            value.Dispose();
        }
    }
}

/// <summary>The masks and the results of one run, bound.</summary>
internal sealed class RunFeeds : IDisposable
{
    private readonly MaskedGraph graph;
    private readonly SampleFeeds sample;
    private readonly bool copies;
    private readonly bool[] bits;
    private readonly float[] lines;
    private readonly double[] results;
    private readonly OrtValue mask;
    private readonly OrtValue value;
    private int version;

    /// <summary>Binds buffers for runs of <paramref name="rows"/> rows.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="session">Its session.</param>
    /// <param name="sample">What the run reads beside the masks; must live as long.</param>
    /// <param name="rows">Rows of a run.</param>
    /// <param name="copies">Whether binding an input copies it to a device.</param>
    public RunFeeds(MaskedGraph graph, InferenceSession session, SampleFeeds sample, int rows, bool copies)
    {
        (this.graph, this.sample, this.copies) = (graph, sample, copies);
        var numbers = checked(rows * sample.Columns);
        (bits, lines) = graph.Form == MaskForm.Product ? ((bool[])[], new float[numbers]) : (new bool[numbers], []);
        results = new double[rows];
        mask = graph.Form == MaskForm.Product
            ? OrtValue.CreateTensorValueFromMemory(lines, [rows, sample.Columns])
            : OrtValue.CreateTensorValueFromMemory(bits, [rows, sample.Columns]);
        value = OrtValue.CreateTensorValueFromMemory(results, [rows]);
        Binding = session.CreateIoBinding();
        sample.Bind(Binding);
        version = sample.Version;
        Binding.BindInput(graph.Mask, mask);
        Binding.BindOutput(graph.Value, value);
    }

    /// <summary>The binding to run.</summary>
    public OrtIoBinding Binding { get; }

    /// <summary>Rows of a run.</summary>
    public int Rows => results.Length;

    /// <summary>v of each row, after a run.</summary>
    public ReadOnlySpan<double> Values => results;

    /// <summary>Writes the masks of a run; rows beyond <paramref name="count"/> repeat the last.</summary>
    public void Write(MaskWords masks, int first, int count, MaskTable? product)
    {
        if (product is null)
        {
            MaskBits.Write(bits, masks, first, count, sample.Columns - 2);
        }
        else
        {
            product.Write(lines, masks, first, count);
        }
    }

    /// <summary>Binds the sample that is loaded and the masks that were written, where that takes a copy.</summary>
    public void Send()
    {
        if (copies)
        {
            if (version != sample.Version)
            {
                sample.Bind(Binding);
                version = sample.Version;
            }

            Binding.BindInput(graph.Mask, mask);
            Binding.SynchronizeBoundInputs();
        }
    }

    public void Dispose()
    {
        Binding.Dispose();
        mask.Dispose();
        value.Dispose();
    }
}
