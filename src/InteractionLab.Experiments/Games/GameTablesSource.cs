using InteractionLab.Models.Datasets;

namespace InteractionLab.Experiments.Games;

/// <summary>Where a games job reads its tables: the spec, or a dataset of games opened for one attempt.</summary>
internal sealed class GameTablesSource(IReadOnlyList<double[]>? tables, IDataset? dataset) : IDisposable
{
    /// <summary>The 2^n values of a game.</summary>
    public double[] Read(int game) => tables is not null ? tables[game] : dataset!.Game(game);

    /// <inheritdoc/>
    public void Dispose() => dataset?.Dispose();
}
