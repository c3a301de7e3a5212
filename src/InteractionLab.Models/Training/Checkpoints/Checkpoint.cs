namespace InteractionLab.Models.Training.Checkpoints;

/// <summary>A copy of everything that the next epoch depends on. Random numbers follow from the seed and the epoch, so there is no generator to keep.</summary>
/// <param name="Epoch">Finished epochs.</param>
/// <param name="OptimizerSteps">Steps of the optimizer since its last reset.</param>
/// <param name="Tensors">Parameters, then running statistics, in graph order.</param>
/// <param name="Optimizer">State of the optimizer.</param>
/// <param name="Masks">Pruned weights.</param>
internal sealed record Checkpoint(int Epoch, long OptimizerSteps, IReadOnlyList<float[]> Tensors, IReadOnlyList<float[]> Optimizer, IReadOnlyList<bool[]> Masks);
