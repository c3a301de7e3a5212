using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Outputs;

/// <summary>What a tensor held on random samples.</summary>
/// <param name="Shape">Its shape without the batch dimension.</param>
/// <param name="Rows">Its numbers, one sample a row.</param>
internal sealed record Probed(long[] Shape, float[][] Rows)
{
    // Probabilities are sums of rounded numbers.
    private const double Slack = 1e-3;

    /// <summary>Whether every row is a distribution.</summary>
    public bool AreProbabilities => Rows.All(row => row.All(p => p is >= 0 and <= 1 + 1e-5f) && Math.Abs(row.Sum(p => (double)p) - 1) < Slack);

    /// <summary>Whether every number lies between 0 and 1, and not all are equal.</summary>
    public bool AreShares => Rows.All(row => row.All(p => p is >= 0 and <= 1)) && Rows.SelectMany(row => row).Distinct().Count() > 1;

    /// <summary>Whether every row is the logarithm of a distribution.</summary>
    public bool AreLogProbabilities => Rows.All(row => row.All(p => p <= 1e-5f) && Math.Abs(row.Sum(p => Math.Exp(p)) - 1) < Slack);
}

/// <summary>Asks a graph what it gives by running it on a few random samples, where its nodes do not say.</summary>
internal static class OutputProbe
{
    /// <summary>The tensors' numbers; null where the graph does not run on such samples, which is for those to say who need it.</summary>
    public static IReadOnlyDictionary<string, Probed>? Run(OnnxModel model, IReadOnlyCollection<string> tensors, IReadOnlyList<int> sampleShape)
    {
        var input = model.Summary.Inputs.Count == 1 ? model.Summary.Inputs[0] : null;
        if (input is null || input.Type is not ("float32" or "float64" or "float16" or "int64" or "int32"))
        {
            return null;
        }

        try
        {
            using var session = Open(model, input, tensors);
            var cells = checked((int)sampleShape.Aggregate(1L, (product, side) => checked(product * side)));
            var batch = input.Shape.Count > 0 && input.Shape[0] is > 0 and < 1024 ? (int)input.Shape[0]! : 1;
            var samples = ProbeSamples.Draw(ProbeSamples.Rows, cells, input.Type is "int64" or "int32");
            var found = Enumerable.Range(0, ProbeSamples.Rows).Select(row =>
            {
                var repeated = Enumerable.Repeat(samples[(row * cells)..((row + 1) * cells)], batch).SelectMany(cell => cell).ToArray();
                return session.RunAll(repeated, [batch, .. sampleShape.Select(side => (long)side)]);
            }).ToArray();
            var results = new Dictionary<string, Probed>(StringComparer.Ordinal);
            foreach (var (i, name) in tensors.Index())
            {
                var shape = found[0][i].Shape;
                if (shape.Length > 0 && shape[0] == batch)
                {
                    results[name] = new Probed(shape[1..], [.. found.Select(run => run[i].Values[..(run[i].Values.Length / batch)])]);
                }
            }

            return results;
        }
        catch (Exception fault) when (fault is ModelRejectedException or OverflowException or DeviceMemoryException)
        {
            return null;
        }
    }

    private static IGraphSession Open(OnnxModel model, TensorSummary input, IReadOnlyCollection<string> tensors)
    {
        var proto = model.CopyProto();
        var declaration = proto.Graph.Input.Single(candidate => candidate.Name == input.Name);
        var type = (DataType)declaration.Type.TensorType.ElemType;
        proto.Graph.Input.Clear();
        proto.Graph.Input.Add(declaration);
        proto.Graph.Output.Clear();
        proto.IrVersion = Math.Max(proto.IrVersion, 4);
        OutputSurgery.KeepOnly(proto.Graph, tensors);
        var graph = new GraphBuilder(proto.Graph);
        var prefix = MaskedGraph.FreshPrefix(proto.Graph);
        foreach (var (i, name) in tensors.Index())
        {
            graph.Node("Cast", [name], $"{prefix}probe{i}", ("to", (int)DataType.Float));
            proto.Graph.Output.Add(new ValueInfoProto { Name = $"{prefix}probe{i}", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        }

        new NetworkGraph(proto, input.Name, type, [], "", DataType.Float, null).FeedAsFloat(proto);
        return IGraphSession.Open(proto, new Placement(NetworkExecutor.OnnxRuntime, DeviceKind.Cpu, 1));
    }
}
