using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Cells;

/// <summary>The numbers behind the charts of a set of games.</summary>
internal sealed class GameTables(int games)
{
    private const int FidelityGames = 16;
    private const int FidelityPoints = 512;
    private const int MostInteractionRows = 50_000;
    private readonly int _mostInteractions = Math.Clamp(MostInteractionRows / Math.Max(1, games), 20, 100);
    private readonly List<IReadOnlyList<object?>> _samples = [];
    private readonly List<IReadOnlyList<object?>> _sampleOrders = [];
    private readonly List<IReadOnlyList<object?>> _interactions = [];
    private readonly List<IReadOnlyList<object?>> _fidelity = [];
    private bool _cutInteractions;
    private bool _cutFidelity;

    /// <summary>What was left out.</summary>
    public IEnumerable<string> Notes
    {
        get
        {
            if (_cutInteractions)
            {
                yield return $"The table interactions holds the {_mostInteractions} strongest salient interactions of each sample; interactions.npz holds all.";
            }

            if (_cutFidelity)
            {
                yield return $"The table fidelity holds at most {FidelityPoints} masks, evenly spread over the ranks, of the first {FidelityGames} samples; values.npz and interactions.npz hold all.";
            }
        }
    }

    /// <summary>Takes in one game.</summary>
    public void Add(SampleResult sample, GameHeader header, SparsityConditions sparsity, Interaction[] strongest, double[] v, double[] outputs)
    {
        _samples.Add([
            sample.Index, header.Name, sample.Label, sample.Prediction, sample.Target, sample.Players.Count, sample.VEmpty, sample.VFull,
            sample.Objective, sample.LowerBound, sample.Gap, sample.HalfL1, sample.MatchError, sample.Iterations, sample.Converged ? 1 : 0,
            sample.Threshold, sample.SalientAnd, sample.SalientOr, sample.Fidelity.Rmse, sample.Fidelity.R2,
            sparsity.HighestSalientOrder, sparsity.Monotonic ? 1 : 0, sparsity.Exponent]);
        foreach (var order in sample.Orders)
        {
            _sampleOrders.Add([sample.Index, order.Order, order.Positive, order.Negative]);
        }

        AddInteractions(sample, strongest);
        _cutFidelity |= _samples.Count > FidelityGames || v.Length > FidelityPoints;
        if (_samples.Count <= FidelityGames)
        {
            _fidelity.AddRange(FidelityPoint.Curve(v, outputs, FidelityPoints).Select(point => (IReadOnlyList<object?>)[sample.Index, point.Rank, point.Mask, point.V, point.G]));
        }
    }

    /// <summary>The tables, those over all games taken from the report.</summary>
    public IReadOnlyList<ResultTable> All(GameReport report) =>
    [
        new("samples", ["index", "name", "label", "prediction", "target", "players", "vEmpty", "vFull", "objective", "lowerBound", "gap", "halfL1", "matchError", "iterations", "converged", "threshold", "salientAnd", "salientOr", "rmse", "r2", "highestSalientOrder", "monotonic", "exponent"], _samples),
        new("orders", ["order", "positive", "negative"], [.. report.Orders.Select(order => (IReadOnlyList<object?>)[order.Order, order.Positive, order.Negative])]),
        new("sample-orders", ["index", "order", "positive", "negative"], _sampleOrders),
        new("interactions", ["index", "rank", "type", "mask", "players", "cells", "order", "effect"], _interactions),
        new("fidelity", ["index", "rank", "mask", "v", "g"], _fidelity),
        new("sparsity", ["size", "meanOutput"], [.. (report.Sparsity?.MeanOutputByOrder ?? []).Select((output, size) => (IReadOnlyList<object?>)[size, output])]),
        new("strengths", ["rank", "strength"], [.. report.StrengthCurve.Select(point => (IReadOnlyList<object?>)[point.Rank, point.Strength])]),
    ];

    private void AddInteractions(SampleResult sample, Interaction[] strongest)
    {
        var salient = sample.SalientAnd + sample.SalientOr;
        _cutInteractions |= salient > _mostInteractions;
        for (var i = 0; i < Math.Min(salient, _mostInteractions); i++)
        {
            // players are positions, as in the report's top; cells are what the sample's players are, as the dashboard names them.
            var interaction = strongest[i];
            var players = GameReport.PlayersOf(interaction.Mask);
            _interactions.Add([
                sample.Index, i + 1, interaction.Type == InteractionType.And ? "and" : "or", interaction.Mask,
                string.Join(' ', players), string.Join(' ', players.Select(player => sample.Players[player])), interaction.Order, interaction.Effect]);
        }
    }
}
