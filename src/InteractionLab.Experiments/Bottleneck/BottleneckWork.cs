using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>A job laid out: the games, the models, what is measured and where each measurement's cell is.</summary>
/// <param name="Spec">The spec with its defaults.</param>
/// <param name="Games">Samples and players.</param>
/// <param name="Models">The models.</param>
/// <param name="Orders">Measured orders m.</param>
/// <param name="Pairs">Measured pairs.</param>
/// <param name="Rounds">The masks of a sampled job; null where the method is exact.</param>
internal sealed record BottleneckWork(
    BottleneckSpec Spec, NetworkGames Games, IReadOnlyList<CatalogModel> Models, IReadOnlyList<int> Orders, PairChoice Pairs, Rounds? Rounds)
{
    /// <summary>How many places for samples there are.</summary>
    public int Samples => Games.Samples.Keys.Count;

    /// <summary>How many rounds there are; 1 where the method is exact.</summary>
    public int RoundCount => Rounds?.Contexts.Count ?? 1;

    /// <summary>Cells of the job: rounds x samples x models.</summary>
    public int Cells => RoundCount * Samples * Models.Count;

    /// <summary>A stable key for each cell.</summary>
    public IReadOnlyList<string> Keys =>
        [.. from round in Enumerable.Range(0, RoundCount) from sample in Games.Samples.Keys from model in Enumerable.Range(0, Models.Count)
            select Rounds is null ? $"{sample}/model/{model}" : $"round/{round}/{sample}/model/{model}"];

    /// <summary>The cell of a measurement.</summary>
    public int CellOf(int round, int place, int model) => (((round * Samples) + place) * Models.Count) + model;

    /// <summary>The measurement of a cell.</summary>
    public (int Round, int Place, int Model) Of(int cell) =>
        (cell / Models.Count / Samples, cell / Models.Count % Samples, cell % Models.Count);

    /// <summary>The rounds of one model and sample added up, of the first <paramref name="rounds"/> that are not skipped.</summary>
    public PairSums Sum(ICellSource cells, int place, int model, int rounds)
    {
        var sums = BottleneckCell.Sampled(cells, CellOf(0, place, model), Orders.Count, Pairs.Pairs.Count);
        for (var round = 1; round < rounds; round++)
        {
            var cell = CellOf(round, place, model);
            if (BottleneckCell.Header(cells, cell) is { IsSkipped: false })
            {
                sums.Add(BottleneckCell.Sampled(cells, cell, Orders.Count, Pairs.Pairs.Count));
            }
        }

        return sums;
    }
}
