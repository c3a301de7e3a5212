using InteractionLab.Models.Torch;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training;

/// <summary>
/// Something beside cross-entropy that training makes small: loss + λ·term. With λ = 0 the term is never evaluated, so
/// the run is the plain one bit for bit.
/// </summary>
internal interface ILossTerm
{
    /// <summary>What it is, in results.</summary>
    string Name { get; }

    /// <summary>λ, at least 0.</summary>
    double Weight { get; }

    /// <summary>
    /// The term of one step: a scalar, differentiable in the network's parameters. Everything random in it must follow
    /// from the step alone, since a resumed run draws it again.
    /// </summary>
    Tensor Evaluate(TorchNetwork network, TrainingStep step);
}

/// <summary>What a loss term sees of a step; the tensors belong to the trainer.</summary>
/// <param name="Inputs">[B, sample], augmented.</param>
/// <param name="Labels">[B] int64.</param>
/// <param name="Logits">[B, classes] in training mode, part of the graph that is differentiated.</param>
/// <param name="Samples">Positions in the dataset; the first B count.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Epoch">0-based, counted through all rounds.</param>
/// <param name="Number">0-based, within the epoch.</param>
internal readonly record struct TrainingStep(Tensor Inputs, Tensor Labels, Tensor Logits, IReadOnlyList<int> Samples, long Seed, int Epoch, int Number);
