using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>Whether a tensor can be cut at, as far as the graph says it.</summary>
internal static class CutTensor
{
    private const int MostNamed = 3;

    /// <summary>Refuses what is no tensor between the input and the output.</summary>
    /// <exception cref="ModelRejectedException">The reason.</exception>
    public static void Check(NetworkGraph network, TensorFlow flow, string cut)
    {
        var name = ModelValidator.Quote(cut);
        var graph = network.Model.Graph;
        if (cut == network.Output)
        {
            throw new ModelRejectedException($"{name} is the output itself: nothing is left behind it.");
        }

        if (flow.Producer(cut) is null)
        {
            throw new ModelRejectedException(
                graph.Initializer.Any(tensor => tensor.Name == cut) ? $"The tensor {name} is a weight: it does not depend on the input."
                : GraphOrder.AllNames(graph).Contains(cut) ? $"The tensor {name} is inside a subgraph (of an If, Loop or Scan); a cut must be in the main graph."
                : $"The model has no tensor {name}.{Near(flow, cut)}");
        }

        if (flow[cut] == SampleContent.None)
        {
            throw new ModelRejectedException($"The tensor {name} does not depend on the input{(flow.Producer(cut)?.OpType == "Shape" ? " but for its shape" : "")}.");
        }
    }

    /// <summary>Tensors with names like the one asked for.</summary>
    private static string Near(TensorFlow flow, string cut)
    {
        var names = flow.Nodes.SelectMany(node => node.Output).Where(name => flow[name] == SampleContent.Feature);
        var near = names.Select(name => (Name: name, Distance: Distance(name, cut)))
            .Where(pair => pair.Distance <= Math.Max(2, cut.Length / 3) || pair.Name.Contains(cut, StringComparison.OrdinalIgnoreCase))
            .OrderBy(pair => pair.Distance)
            .Take(MostNamed)
            .Select(pair => ModelValidator.Quote(pair.Name))
            .ToArray();
        return near.Length == 0 ? "" : $" Close ones are {string.Join(", ", near)}.";
    }

    /// <summary>Insertions, deletions and replacements between two names, whatever their case.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
