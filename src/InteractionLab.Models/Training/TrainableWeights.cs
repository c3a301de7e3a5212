using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;
using InteractionLab.Models.Pruning.Unstructured;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Training;

/// <summary>Names of the parameters that training changes, and of those it may prune.</summary>
/// <param name="Trained">Parameters that the logits depend on, in graph order.</param>
/// <param name="Prunable">Kernels and matrices among them.</param>
internal sealed record TrainableWeights(IReadOnlyList<string> Trained, IReadOnlyList<string> Prunable)
{
    /// <summary>Reads them off a network.</summary>
    /// <exception cref="TrainingException">The logits depend on no parameter.</exception>
    public static TrainableWeights Of(TorchNetwork network)
    {
        var graph = network.Export().CopyProto().Graph;
        var reached = GraphOrder.Ancestors(graph, network.LogitsName);
        var trained = network.Parameters.Keys.Where(reached.Contains).ToArray();
        if (trained.Length == 0)
        {
            throw new TrainingException("The logits of the network depend on no parameter that could be trained.");
        }

        var prunable = PrunableWeights.Find(graph, new GraphConstants(graph)).ToHashSet(StringComparer.Ordinal);
        return new TrainableWeights(trained, [.. trained.Where(prunable.Contains)]);
    }
}
