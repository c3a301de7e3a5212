using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>What the head gives for one sample.</summary>
/// <param name="Feature">The cut tensor.</param>
/// <param name="Bypasses">The tensors that go round the cut.</param>
internal sealed record HeadOutputs(float[] Feature, float[][] Bypasses);

/// <summary>
/// The part of a network before a cut, opened on an executor: samples in; the cut tensor, what goes round it and the shapes
/// that the tail asks for out, all as float32. Owns the session.
/// </summary>
internal sealed class CutHead : IDisposable
{
    // Whole numbers up to here are exact in float32.
    private const float MostExact = 1 << 24;
    private const double Tolerance = 1e-4;
    private readonly NetworkGraph network;
    private readonly CutPlan plan;
    private readonly IGraphSession session;

    private CutHead(NetworkGraph network, CutPlan plan, IReadOnlyList<DataType> types, IGraphSession session)
    {
        this.network = network;
        this.plan = plan;
        this.session = session;
        Types = types;
    }

    /// <summary>Element types of the cut tensor and of the bypasses.</summary>
    public IReadOnlyList<DataType> Types { get; }

    /// <exception cref="ModelRejectedException">The cut tensor is no tensor of floats, or the executor cannot run the head.</exception>
    public static CutHead Open(NetworkGraph network, CutPlan plan, TensorFlow flow, IReadOnlyList<DataType> types, Placement placement) =>
        new(network, plan, types, IGraphSession.Open(Graph(network, plan, flow), placement));

    /// <summary>The cut tensor and what goes round it, for one sample.</summary>
    /// <exception cref="ModelRejectedException">The head failed to run, or gives whole numbers beyond 2^24.</exception>
    public HeadOutputs Of(ReadOnlySpan<float> sample)
    {
        var rows = network.FixedBatch ?? 1;
        var outputs = Run(Batch(sample, rows), rows);
        var first = outputs.Take(Types.Count).Select(output => output.Values[..(output.Values.Length / rows)]).ToArray();
        CheckExact(first);
        return new HeadOutputs(first[0], first[1..]);
    }

    /// <summary>The cut tensor of a batch of samples, row by row; the rows of a network of fixed batch size.</summary>
    public float[] Features(float[] batch, int rows) => Run(batch, rows)[0].Values;

    /// <summary>Shapes of the cut tensor and of the bypasses without the batch dimension.</summary>
    public long[][] Shapes()
    {
        var rows = network.FixedBatch ?? 1;
        return [.. Run(new float[checked(rows * network.Cells)], rows).Take(Types.Count).Select(output => output.Shape[1..])];
    }

    /// <summary>What each shape node gives, as constant and as multiple of the number of rows.</summary>
    public (long[] Constant, long[] PerRow)[] Sizes()
    {
        if (plan.Sizes.Count == 0)
        {
            return [];
        }

        var rows = network.FixedBatch ?? 1;
        var one = Run(new float[checked(rows * network.Cells)], rows)[Types.Count..];
        if (network.FixedBatch is not null)
        {
            return [.. one.Select(size => (Whole(size.Values), new long[size.Values.Length]))];
        }

        var two = Run(new float[checked(2 * network.Cells)], 2)[Types.Count..];
        return [.. one.Zip(two, (first, second) =>
        {
            var perRow = Whole(second.Values).Zip(Whole(first.Values), (more, less) => more - less).ToArray();
            return (Whole(first.Values).Zip(perRow, (size, step) => size - step).ToArray(), perRow);
        })];
    }

    /// <summary>
    /// Which of the cut tensor and the bypasses have no row for each sample: the first dimension is not the batch, or a row
    /// depends on others. Found by running samples of very different size together and one by one.
    /// </summary>
    public IReadOnlyList<string> NotByRow()
    {
        var rows = network.FixedBatch ?? ProbeSamples.Rows;
        var batch = ProbeSamples.Draw(rows, network.Cells, network.TakesTokens);
        var together = Run(batch, rows);
        var alone = Enumerable.Range(0, rows).Select(row =>
        {
            var copies = network.FixedBatch ?? 1;
            return Run(Batch(batch.AsSpan(row * network.Cells, network.Cells), copies), copies);
        }).ToArray();
        return [.. Enumerable.Range(0, Types.Count).Where(i => !IsByRow(together[i], [.. alone.Select(outputs => outputs[i])], rows)).Select(i => i == 0 ? plan.Cut : plan.Bypasses[i - 1])];
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private bool IsByRow((float[] Values, long[] Shape) together, (float[] Values, long[] Shape)[] alone, int rows)
    {
        var copies = network.FixedBatch ?? 1;
        if (together.Shape.Length == 0 || together.Shape[0] != rows || alone.Any(one => one.Shape.Length == 0 || one.Shape[0] != copies || !one.Shape.AsSpan(1).SequenceEqual(together.Shape.AsSpan(1))))
        {
            return false;
        }

        var cells = together.Values.Length / rows;
        return Enumerable.Range(0, rows).All(row => ProbeSamples.Close(alone[row].Values.AsSpan(0, cells), together.Values.AsSpan(row * cells, cells), Tolerance));
    }

    private static long[] Whole(float[] sizes) => [.. sizes.Select(size => (long)size)];

    private float[] Batch(ReadOnlySpan<float> sample, int rows)
    {
        var batch = new float[checked(rows * network.Cells)];
        for (var row = 0; row < rows; row++)
        {
            sample.CopyTo(batch.AsSpan(row * network.Cells));
        }

        return batch;
    }

    private (float[] Values, long[] Shape)[] Run(float[] batch, int rows) => session.RunAll(batch, [rows, .. network.SampleShape]);

    private void CheckExact(float[][] outputs)
    {
        for (var i = 1; i < outputs.Length; i++)
        {
            if (Types[i] is DataType.Int64 or DataType.Int32 && outputs[i].Any(number => Math.Abs(number) >= MostExact))
            {
                throw new ModelRejectedException($"The tensor {ModelValidator.Quote(plan.Bypasses[i - 1])}, which goes round the cut {ModelValidator.Quote(plan.Cut)}, holds whole numbers beyond 2^24.");
            }
        }
    }

    private static ModelProto Graph(NetworkGraph network, CutPlan plan, TensorFlow flow)
    {
        string[] tensors = [plan.Cut, .. plan.Bypasses, .. plan.Sizes.Select(node => node.Output[0])];
        var model = Subgraph.Of(network.Model, flow.Nodes, tensors);
        network.FeedAsFloat(model);
        var graph = new GraphBuilder(model.Graph);
        var prefix = MaskedGraph.FreshPrefix(network.Model.Graph);
        model.Graph.Output.Clear();
        foreach (var (i, name) in tensors.Index())
        {
            var output = graph.Node("Cast", [name], $"{prefix}head{i}", ("to", (int)DataType.Float));
            model.Graph.Output.Add(new ValueInfoProto { Name = output, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        }

        return model;
    }
}
