using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>Takes in the samples of one point and says what they give together.</summary>
internal sealed class PointSums(SweepLayout layout, SweepHeaders headers, int step)
{
    private readonly List<IReadOnlyList<PruningDistribution>> _samples = [];
    private readonly List<double> _spans = [];
    private double? _worstGap;
    private double? _worstMatchError;
    private int _unconverged;
    private int _onTarget;

    /// <summary>Position among the spec's ratios.</summary>
    public int Step => step;

    /// <summary>The ratio asked for.</summary>
    public double Ratio => layout.Steps[step].Ratio;

    /// <summary>How many samples missed the gap asked for.</summary>
    public int Unconverged => _unconverged;

    /// <summary>How many samples do not match to <see cref="MatchGate"/>.</summary>
    public int Unmatched { get; private set; }

    /// <summary>The gate of method.md §2; rounding of a game whose span is far below its values can exceed it.</summary>
    public const double MatchGate = 1e-9;

    /// <summary>Takes in a sample.</summary>
    public void Add(SweepComparison comparison, SweepSamplePoint sample, Evidence pruned, bool converged, bool onTarget)
    {
        _samples.Add(comparison.ByReferences);
        _spans.Add(pruned.Span);
        _worstGap = Math.Max(_worstGap ?? 0, sample.Gap);
        _worstMatchError = Math.Max(_worstMatchError ?? 0, sample.MatchError);
        _unconverged += converged ? 0 : 1;
        _onTarget += onTarget ? 1 : 0;
        Unmatched += sample.MatchError <= MatchGate ? 0 : 1;
    }

    /// <summary>The numbers of the point, with the efficiency's ingredients.</summary>
    public (SweepPoint Point, PruningMetrics Metrics) Close(double? threshold)
    {
        var block = headers.Pruned[step][0]!;
        var means = Enumerable.Range(0, Math.Max(1, layout.References.Count)).Select(k => PruningDistribution.Mean([.. _samples.Select(sample => sample[k])])).ToArray();
        var mean = means[^1];
        var metrics = PruningMetrics.Of(mean);
        var (accuracy, loss) = Score();
        var point = new SweepPoint
        {
            Ratio = Ratio,
            Achieved = block.Achieved,
            Parameters = block.Parameters,
            Accuracy = accuracy,
            Loss = loss,
            RhoLow = metrics.RhoLow,
            RhoHigh = metrics.RhoHigh,
            Total = metrics.Total,
            Generalizable = OrderDistribution.Strength(mean.Generalizable),
            Removed = metrics.Removed,
            RemovedGeneralizable = metrics.RemovedGeneralizable,
            Emerged = metrics.Emerged,
            EmergedGeneralizable = metrics.EmergedGeneralizable,
            Orders = [.. mean.Total.Select((_, m) => Order(mean, m))],
            ByReferences = layout.References.Count == 0 ? [] : [.. means.Select(Strengths)],
            Threshold = threshold,
            MeanSpan = _spans.Count == 0 ? null : Salience.MeanSpan([.. _spans.Select(span => new SalienceInput(span, 0))]),
            PredictsTarget = _spans.Count == 0 ? null : (double)_onTarget / _spans.Count,
            WorstGap = _worstGap,
            WorstMatchError = _worstMatchError,
            Unconverged = _unconverged,
            Model = block.Model,
            Sha256 = block.Sha256,
        };
        return (point, metrics);
    }

    private (double? Accuracy, double? Loss) Score()
    {
        var cells = headers.Evaluations[step];
        if (cells.Any(cell => cell is null))
        {
            return (null, null);
        }

        double count = layout.Evaluation.Indices.Length;
        return (cells.Sum(cell => cell!.Correct) / count, cells.Sum(cell => cell!.Loss) / count);
    }

    private static SweepReferences Strengths(PruningDistribution mean, int k) => new(
        k + 1,
        OrderDistribution.Strength(mean.Generalizable),
        OrderDistribution.Strength(mean.RemovedGeneralizable),
        OrderDistribution.Strength(mean.EmergedGeneralizable));

    private static SweepOrder Order(PruningDistribution mean, int m) => new()
    {
        Order = m + 1,
        Positive = mean.Total[m].Positive,
        Negative = mean.Total[m].Negative,
        PreservedPositive = mean.Preserved[m].Positive,
        PreservedNegative = mean.Preserved[m].Negative,
        GeneralizablePositive = mean.Generalizable[m].Positive,
        GeneralizableNegative = mean.Generalizable[m].Negative,
        RemovedGenPositive = mean.RemovedGeneralizable[m].Positive,
        RemovedGenNegative = mean.RemovedGeneralizable[m].Negative,
        EmergedPositive = mean.Emerged[m].Positive,
        EmergedNegative = mean.Emerged[m].Negative,
        EmergedGenPositive = mean.EmergedGeneralizable[m].Positive,
        EmergedGenNegative = mean.EmergedGeneralizable[m].Negative,
    };
}
