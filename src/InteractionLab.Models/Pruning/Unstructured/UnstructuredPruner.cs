using System.Globalization;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Pruning.Unstructured;

/// <summary>Sets weights to zero and leaves the graph as it is.</summary>
internal sealed class UnstructuredPruner : Pruner
{
    private readonly string[] names;

    /// <summary>Where each tensor begins when all prunable tensors are laid end to end; one entry more than tensors.</summary>
    private readonly int[] starts;

    /// <summary>Sets of weights of which the same share goes, each in the order of its going: one set, or one for each tensor.</summary>
    private readonly int[][] orders;

    /// <summary>How many weights of each set are zero in the original.</summary>
    private readonly int[] zeros;

    public UnstructuredPruner(OnnxModel model, PrunerOptions options)
        : base(model)
    {
        var graph = model.CopyProto().Graph;
        var constants = new GraphConstants(graph);
        names = [.. PrunableWeights.Find(graph, constants)];
        if (names.Length == 0)
        {
            throw new ModelRejectedException("The model has no weights to prune: no convolution and no matrix product reads a stored tensor.");
        }

        var weights = names.Select(name => Finite(name, WeightBytes.Values(constants.Weights(name)!))).ToArray();
        starts = new int[names.Length + 1];
        for (var i = 0; i < names.Length; i++)
        {
            starts[i + 1] = checked(starts[i] + weights[i].Length);
        }

        double[] all = [.. weights.SelectMany(values => values)];
        orders = options.Type switch
        {
            PrunerKind.MagnitudeLayer => [.. weights.Select((values, tensor) => Array.ConvertAll(WeightOrder.Magnitude(values), i => starts[tensor] + i))],
            PrunerKind.MagnitudeGlobal => [WeightOrder.Magnitude(all)],
            _ => [WeightOrder.Random(all, options.Seed)],
        };
        zeros = [.. orders.Select(order => order.TakeWhile(i => all[i] == 0).Count())];
    }

    public override double MaxRatio => 1;

    private protected override PrunedModel PruneChecked(double ratio)
    {
        var counts = orders.Select((order, set) => Math.Max(zeros[set], (int)Math.Round(Math.Min(ratio, 1) * order.Length, MidpointRounding.AwayFromZero))).ToArray();
        var changes = counts.Where((count, set) => count > zeros[set]).Any();
        long parameters = Original.Summary.Parameters;
        long prunable = starts[^1];
        var zeroed = counts.Sum(count => (long)count);
        return new PrunedModel(changes ? Zero(counts) : Original, ratio, (double)zeroed / prunable, parameters, parameters, prunable, zeroed, [], []);
    }

    private OnnxModel Zero(int[] counts)
    {
        var gone = new bool[starts[^1]];
        for (var set = 0; set < orders.Length; set++)
        {
            foreach (var position in orders[set].AsSpan(0, counts[set]))
            {
                gone[position] = true;
            }
        }

        var proto = Original.CopyProto();
        var constants = new GraphConstants(proto.Graph);
        for (var tensor = 0; tensor < names.Length; tensor++)
        {
            var weights = constants.Weights(names[tensor])!;
            var bytes = WeightBytes.Read(weights);
            var size = WeightBytes.Size(weights);
            for (var i = starts[tensor]; i < starts[tensor + 1]; i++)
            {
                if (gone[i])
                {
                    bytes.AsSpan((i - starts[tensor]) * size, size).Clear();
                }
            }

            WeightBytes.Write(weights, bytes);
        }

        return OnnxModel.FromProto(proto);
    }

    private static double[] Finite(string name, double[] weights)
    {
        var odd = Array.FindIndex(weights, weight => !double.IsFinite(weight));
        return odd < 0
            ? weights
            : throw new ModelRejectedException($"The weights {ModelValidator.Quote(name)} cannot be ranked: element {odd.ToString(CultureInfo.InvariantCulture)} is {weights[odd].ToString(CultureInfo.InvariantCulture)}.");
    }
}
