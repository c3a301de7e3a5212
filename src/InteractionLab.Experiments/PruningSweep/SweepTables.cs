using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>The numbers behind the charts of a sweep.</summary>
internal static class SweepTables
{
    /// <summary>Every table.</summary>
    public static IReadOnlyList<ResultTable> Of(PruningSweepResult result) =>
    [
        new("points", ["ratio", "achieved", "parameters", "accuracy", "loss", "rhoLow", "rhoHigh", "total", "generalizable", "removed", "removedGeneralizable", "emerged", "emergedGeneralizable", "threshold", "meanSpan", "predictsTarget", "worstGap", "worstMatchError", "unconverged", "model", "sha256"],
            [.. result.Points.Select(Point)]),
        new("orders", ["ratio", "order", "positive", "negative", "preservedPositive", "preservedNegative", "generalizablePositive", "generalizableNegative", "removedGenPositive", "removedGenNegative", "emergedPositive", "emergedNegative", "emergedGenPositive", "emergedGenNegative"],
            [.. from point in result.Points from order in point.Orders select Order(point, order)]),
        new("references", ["ratio", "k", "generalizable", "removedGeneralizable", "emergedGeneralizable"],
            [.. from point in result.Points from first in point.ByReferences select (IReadOnlyList<object?>)[point.Ratio, first.K, first.Generalizable, first.RemovedGeneralizable, first.EmergedGeneralizable]]),
        new("efficiency", ["from", "to", "value"], [.. result.Efficiency.Select(step => (IReadOnlyList<object?>)[step.From, step.To, step.Value])]),
        new("phases", ["phase", "from", "to", "efficiency"], [.. result.Phases.Select(phase => (IReadOnlyList<object?>)[phase.Phase, phase.From, phase.To, phase.Efficiency])]),
        new("networks", ["role", "model", "threshold", "meanSpan", "worstGap", "worstMatchError"],
            [.. result.Networks.Select(network => (IReadOnlyList<object?>)[network.Role, network.Model, network.Threshold, network.MeanSpan, network.WorstGap, network.WorstMatchError])]),
        new("samples", ["index", "label", "target", "ratio", "prediction", "vEmpty", "vFull", "threshold", "gap", "matchError", "rhoLow", "rhoHigh", "salient", "removed", "emerged"],
            [.. from sample in result.Samples from at in sample.Points select Sample(sample, at)]),
        new("interactions", ["index", "ratio", "type", "players", "cells", "order", "before", "after", "fate", "generalizable"],
            [.. from sample in result.Samples from at in sample.Points from interaction in at.Top select Interaction(sample, at, interaction)]),
    ];

    private static IReadOnlyList<object?> Point(SweepPoint point) =>
    [
        point.Ratio, point.Achieved, point.Parameters, point.Accuracy, point.Loss, point.RhoLow, point.RhoHigh, point.Total, point.Generalizable,
        point.Removed, point.RemovedGeneralizable, point.Emerged, point.EmergedGeneralizable, point.Threshold, point.MeanSpan, point.PredictsTarget,
        point.WorstGap, point.WorstMatchError, point.Unconverged, point.Model, point.Sha256,
    ];

    private static IReadOnlyList<object?> Order(SweepPoint point, SweepOrder order) =>
    [
        point.Ratio, order.Order, order.Positive, order.Negative, order.PreservedPositive, order.PreservedNegative, order.GeneralizablePositive, order.GeneralizableNegative,
        order.RemovedGenPositive, order.RemovedGenNegative, order.EmergedPositive, order.EmergedNegative, order.EmergedGenPositive, order.EmergedGenNegative,
    ];

    private static IReadOnlyList<object?> Sample(SweepSample sample, SweepSamplePoint at) =>
    [
        sample.Index, sample.Label, sample.Target, at.Ratio, at.Prediction, at.VEmpty, at.VFull, at.Threshold, at.Gap, at.MatchError, at.RhoLow, at.RhoHigh,
        at.Salient, at.RemovedCount, at.EmergedCount,
    ];

    private static IReadOnlyList<object?> Interaction(SweepSample sample, SweepSamplePoint at, SweepInteraction interaction) =>
    [
        sample.Index, at.Ratio, interaction.Type == InteractionType.And ? "and" : "or", string.Join(' ', interaction.Players),
        string.Join(' ', interaction.Players.Select(player => sample.Players[player])), interaction.Players.Count, interaction.Before, interaction.After,
        interaction.Fate switch { InteractionFate.Preserved => "preserved", InteractionFate.Removed => "removed", _ => "emerged" }, interaction.Generalizable ? 1 : 0,
    ];
}
