using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Training;

/// <summary>Names of the parameters that training changes, and of those it may prune.</summary>
/// <param name="Trained">Parameters that the logits depend on, in graph order.</param>
/// <param name="Prunable">Kernels and matrices among them.</param>
internal sealed record TrainableWeights(IReadOnlyList<string> Trained, IReadOnlyList<string> Prunable)
{
    /// <summary>Reads them off a model.</summary>
    /// <exception cref="TrainingException">The logits depend on no parameter.</exception>
    public static TrainableWeights Of(OnnxModel model, TorchNetwork network)
    {
        var trained = network.Parameters.Keys.ToArray();
        if (trained.Length == 0)
        {
            throw new TrainingException("The network has no parameter to train.");
        }

        return new TrainableWeights(trained, []);
    }
}
