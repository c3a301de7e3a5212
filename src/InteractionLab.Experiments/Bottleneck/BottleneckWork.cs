using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>A job laid out: the games, the models, what is measured and where each measurement's cell is.</summary>
/// <param name="Spec">The spec with its defaults.</param>
/// <param name="Games">Samples and players.</param>
/// <param name="Networks">The networks.</param>
/// <param name="Orders">Measured orders m.</param>
/// <param name="Pairs">Measured pairs.</param>
/// <param name="Rounds">The masks of a sampled job; null where the method is exact.</param>
internal sealed record BottleneckWork(
    BottleneckSpec Spec, NetworkGames Games, MeasuredNetworks Networks, IReadOnlyList<int> Orders, PairChoice Pairs, Rounds? Rounds)
{
    /// <summary>How many places for samples there are.</summary>
    public int Samples => Games.Samples.Keys.Count;

    /// <summary>How many rounds there are; 1 where the method is exact.</summary>
    public int RoundCount => Rounds?.Contexts.Count ?? 1;

    /// <summary>Cells of the job: rounds x samples x networks.</summary>
    public int Cells => RoundCount * Samples * Networks.Count;

    /// <summary>A stable key for each cell.</summary>
    public IReadOnlyList<string> Keys => [.. Enumerable.Range(0, Cells).Select(cell => KeyOf(Of(cell)))];

    /// <summary>The cell of a measurement.</summary>
    public int CellOf(int round, int place, int network) => Networks.OneAfterAnother
        ? (((round * Networks.Count) + network) * Samples) + place
        : (((round * Samples) + place) * Networks.Count) + network;

    /// <summary>The measurement of a cell.</summary>
    public (int Round, int Place, int Network) Of(int cell) => Networks.OneAfterAnother
        ? (cell / Samples / Networks.Count, cell % Samples, cell / Samples % Networks.Count)
        : (cell / Networks.Count / Samples, cell / Networks.Count % Samples, cell % Networks.Count);

    /// <summary>The rounds of one network and sample added up, of the first <paramref name="rounds"/> that are not skipped.</summary>
    public PairSums Sum(ICellSource cells, int place, int network, int rounds)
    {
        var sums = BottleneckCell.Sampled(cells, CellOf(0, place, network), Orders.Count, Pairs.Pairs.Count)!;
        for (var round = 1; round < rounds; round++)
        {
            if (BottleneckCell.Sampled(cells, CellOf(round, place, network), Orders.Count, Pairs.Pairs.Count) is { } further)
            {
                sums.Add(further);
            }
        }

        return sums;
    }

    private string KeyOf((int Round, int Place, int Network) at)
    {
        var (sample, network) = (Games.Samples.Keys[at.Place], Networks.Key(at.Network));
        var key = Networks.Epochs is null ? $"{sample}/{network}" : $"{network}/{sample}";
        return Rounds is null ? key : $"round/{at.Round}/{key}";
    }
}
