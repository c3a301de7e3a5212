namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>The numbers behind the charts.</summary>
internal static class DynamicsTables
{
    /// <summary>The tables of a result.</summary>
    public static IReadOnlyList<ResultTable> Of(TrainingDynamicsResult result, DynamicsReport report, DynamicsLayout layout) =>
    [
        new(
            "points",
            [
                "epoch", "model", "generalization", "generalizationLow", "generalizationHigh", "generalizationTrain", "generalizationTest", "generalizationOfSamples",
                "generalizationContinuous", "count", "countAnd", "countOr", "salient", "trainLoss", "testLoss", "trainLossRemoved", "testLossRemoved", "gap", "gapRemoved", "gapExplained",
                "generalizableStrength", "nonGeneralizableStrength", "newGeneralizable", "newNonGeneralizable", "threshold", "meanSpan", "worstGap", "worstMatchError", "unconverged",
            ],
            [.. result.Points.Select(Row)]),
        new(
            "orders",
            ["epoch", "order", "positive", "negative", "generalizablePositive", "generalizableNegative"],
            [.. result.Points.SelectMany(point => point.Orders.Select(order => Row(point.Epoch, order)))]),
        new(
            "references",
            ["k", "epoch", "generalization"],
            [.. result.Points.SelectMany(point => point.ByReferences.Select((power, k) => (IReadOnlyList<object?>)[k + 1, point.Epoch, power]))]),
        new(
            "reference-orders",
            ["k", "order", "positive", "negative", "generalizablePositive", "generalizableNegative"],
            [.. result.ByReferences.SelectMany(count => count.Orders.Select(order => Row(count.K, order)))]),
        new(
            "agreement",
            ["a", "b", "epoch", "jaccard"],
            [.. result.Agreement.SelectMany(pair => pair.Points.Select(point => (IReadOnlyList<object?>)[pair.A, pair.B, point.Epoch, point.Jaccard]))]),
        new(
            "games",
            ["network", "model", "split", "index", "label", "target", "vEmpty", "vFull", "objective", "lowerBound", "gap", "matchError", "converged", "threshold"],
            Games(report, layout)),
    ];

    private static IReadOnlyList<object?> Row(DynamicsPoint point) =>
    [
        point.Epoch, point.Model, point.Generalization, point.GeneralizationLow, point.GeneralizationHigh, point.GeneralizationTrain, point.GeneralizationTest, point.GeneralizationOfSamples,
        point.GeneralizationContinuous, point.Count, point.CountAnd, point.CountOr, point.Salient, point.TrainLoss, point.TestLoss, point.TrainLossRemoved, point.TestLossRemoved, point.Gap, point.GapRemoved, point.GapExplained,
        point.GeneralizableStrength, point.NonGeneralizableStrength, point.NewGeneralizable, point.NewNonGeneralizable, point.Threshold, point.MeanSpan, point.WorstGap, point.WorstMatchError, point.Unconverged,
    ];

    private static IReadOnlyList<object?> Row(int first, DynamicsOrder order) =>
        [first, order.Order, order.Positive, order.Negative, order.GeneralizablePositive, order.GeneralizableNegative];

    private static List<IReadOnlyList<object?>> Games(DynamicsReport report, DynamicsLayout layout)
    {
        var rows = new List<IReadOnlyList<object?>>();
        var networks = report.References.Select((table, k) => ($"reference-{k}", table)).Concat(report.Snapshots.Select(snapshot => ($"epoch-{snapshot.Epoch}", snapshot.Table)));
        foreach (var (name, table) in networks)
        {
            for (var i = 0; i < table.Headers.Count; i++)
            {
                var game = table.Headers[i];
                rows.Add([
                    name, table.Model, layout.IsTrain(i) ? "train" : "test", game.Index, game.Label, game.Target, game.Bias, game.Bias + game.Span,
                    game.Objective, game.LowerBound, game.Gap, game.MatchError, game.Converged ? 1 : 0, table.Thresholds[i]]);
            }
        }

        return rows;
    }
}
