using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Training;

/// <summary>Samples to train or to test on.</summary>
/// <param name="Dataset">An open dataset with labels; it stays the caller's and must outlive the trainer.</param>
/// <param name="Indices">Positions in it, each once.</param>
public sealed record TrainingSamples(IDataset Dataset, IReadOnlyList<int> Indices);
