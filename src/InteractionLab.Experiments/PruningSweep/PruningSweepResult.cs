using System.Text.Json.Serialization;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>The result of a pruning sweep (definitions: method.md §3; docs/pruning-sweep.md).</summary>
public sealed record PruningSweepResult
{
    /// <summary>One entry a ratio whose samples are all finished, by rising ratio.</summary>
    public required IReadOnlyList<SweepPoint> Points { get; init; }

    /// <summary>Efficiency of each step between neighbouring points.</summary>
    public required IReadOnlyList<SweepEfficiency> Efficiency { get; init; }

    /// <summary>The three phases; empty until every point has its accuracy.</summary>
    public required IReadOnlyList<PruningPhase> Phases { get; init; }

    /// <summary>The model before pruning and the references.</summary>
    public required IReadOnlyList<SweepNetwork> Networks { get; init; }

    /// <summary>One entry a sample.</summary>
    public required IReadOnlyList<SweepSample> Samples { get; init; }

    /// <summary>The model's τ that all samples share; null where the rule gives each its own, or where points differ (see the points).</summary>
    public required double? Threshold { get; init; }

    /// <summary>How the model and the pruned ones were decomposed.</summary>
    public required DecompositionKind Decomposition { get; init; }

    /// <summary>Rows of network input that this job ran; with <see cref="SavedPasses"/> it is what the estimate said.</summary>
    public required long ForwardPasses { get; init; }

    /// <summary>Rows whose outputs were there already, computed by another job or cell.</summary>
    public required long SavedPasses { get; init; }

    /// <summary>Finished cells.</summary>
    public required int Finished { get; init; }

    /// <summary>Cells of the job.</summary>
    public required int Total { get; init; }

    /// <summary>What the reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>What one pruning ratio did. Strengths are means over samples.</summary>
public sealed record SweepPoint
{
    /// <summary>The ratio asked for, 0..1.</summary>
    public required double Ratio { get; init; }

    /// <summary>The ratio reached: zeroed weights, or parameters gone.</summary>
    public required double Achieved { get; init; }

    /// <summary>Parameters of the pruned file; null for models of a pool.</summary>
    public required long? Parameters { get; init; }

    /// <summary>Share of the evaluation samples classified correctly, 0..1; null until all are evaluated.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>Mean cross-entropy of the evaluation samples; null until all are evaluated.</summary>
    public required double? Loss { get; init; }

    /// <summary>exp(loss) of next tokens; absent unless the model predicts tokens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Perplexity { get; init; }

    /// <summary>Preserved share of the salient strength of orders 1-3; null where the model has none there.</summary>
    public required double? RhoLow { get; init; }

    /// <summary>The same of orders 4-n.</summary>
    public required double? RhoHigh { get; init; }

    /// <summary>Strength of the model's salient interactions.</summary>
    public required double Total { get; init; }

    /// <summary>Strength of those that are generalizable.</summary>
    public required double Generalizable { get; init; }

    /// <summary>A_removed.</summary>
    public required double Removed { get; init; }

    /// <summary>G_removed.</summary>
    public required double RemovedGeneralizable { get; init; }

    /// <summary>Strength |I'| of what emerged.</summary>
    public required double Emerged { get; init; }

    /// <summary>Strength |I'| of what emerged and is generalizable.</summary>
    public required double EmergedGeneralizable { get; init; }

    /// <summary>By order.</summary>
    public required IReadOnlyList<SweepOrder> Orders { get; init; }

    /// <summary>Generalizable to any of the first k references, k = 1..K.</summary>
    public required IReadOnlyList<SweepReferences> ByReferences { get; init; }

    /// <summary>The model's τ at this point, where all samples share one.</summary>
    public required double? Threshold { get; init; }

    /// <summary>mean |v'(N) - v'(∅)| of the pruned network; null where there is no sample, as the three below.</summary>
    public required double? MeanSpan { get; init; }

    /// <summary>Share of the samples whose class y the pruned network predicts.</summary>
    public required double? PredictsTarget { get; init; }

    /// <summary>The largest relative gap among this point's decompositions: of pairs when joint.</summary>
    public required double? WorstGap { get; init; }

    /// <summary>The largest error of universal matching among them, as a share of the span.</summary>
    public required double? WorstMatchError { get; init; }

    /// <summary>How many of them missed the gap asked for.</summary>
    public required int Unconverged { get; init; }

    /// <summary>Id of the pruned model where it is registered.</summary>
    public required string? Model { get; init; }

    /// <summary>SHA-256 of the pruned model's file.</summary>
    public required string Sha256 { get; init; }
}

/// <summary>Order m of a point: sums of positive and of negative effects over AND and OR interactions, means over samples.</summary>
public sealed record SweepOrder
{
    /// <summary>m.</summary>
    public required int Order { get; init; }

    /// <summary>Salient in the model, I > 0.</summary>
    public required double Positive { get; init; }

    /// <summary>Salient in the model, I &lt; 0.</summary>
    public required double Negative { get; init; }

    /// <summary>Preserved, I > 0.</summary>
    public required double PreservedPositive { get; init; }

    /// <summary>Preserved, I &lt; 0.</summary>
    public required double PreservedNegative { get; init; }

    /// <summary>Generalizable, I > 0.</summary>
    public required double GeneralizablePositive { get; init; }

    /// <summary>Generalizable, I &lt; 0.</summary>
    public required double GeneralizableNegative { get; init; }

    /// <summary>Removed and generalizable, I > 0.</summary>
    public required double RemovedGenPositive { get; init; }

    /// <summary>Removed and generalizable, I &lt; 0.</summary>
    public required double RemovedGenNegative { get; init; }

    /// <summary>Emerged, I' > 0.</summary>
    public required double EmergedPositive { get; init; }

    /// <summary>Emerged, I' &lt; 0.</summary>
    public required double EmergedNegative { get; init; }

    /// <summary>Emerged and generalizable, I' > 0.</summary>
    public required double EmergedGenPositive { get; init; }

    /// <summary>Emerged and generalizable, I' &lt; 0.</summary>
    public required double EmergedGenNegative { get; init; }
}

/// <summary>Strengths with the first k references.</summary>
/// <param name="K">k.</param>
/// <param name="Generalizable">Salient and generalizable to any of them.</param>
/// <param name="RemovedGeneralizable">Removed and generalizable.</param>
/// <param name="EmergedGeneralizable">Emerged and generalizable.</param>
public sealed record SweepReferences(int K, double Generalizable, double RemovedGeneralizable, double EmergedGeneralizable);

/// <summary>e(from→to).</summary>
/// <param name="From">Lower ratio.</param>
/// <param name="To">Higher ratio.</param>
/// <param name="Value">1 - ΔG_removed/ΔA_removed; null where nothing more was removed.</param>
public sealed record SweepEfficiency(double From, double To, double? Value);

/// <summary>The model before pruning, or a reference.</summary>
/// <param name="Role"><c>original</c> or <c>reference</c>.</param>
/// <param name="Model">Its id.</param>
/// <param name="Threshold">τ of its own outputs where all samples share one; null where not, and for the original of a joint decomposition where points differ.</param>
/// <param name="MeanSpan">mean |v(N) - v(∅)|; null where there is no sample.</param>
/// <param name="WorstGap">The largest relative gap of its own decompositions; null where it was only decomposed jointly.</param>
/// <param name="WorstMatchError">Their largest error of universal matching.</param>
public sealed record SweepNetwork(string Role, string Model, double? Threshold, double? MeanSpan, double? WorstGap, double? WorstMatchError);

/// <summary>One sample.</summary>
public sealed record SweepSample
{
    /// <summary>Its index in the dataset.</summary>
    public required int Index { get; init; }

    /// <summary>Its class, null where there is none.</summary>
    public required int? Label { get; init; }

    /// <summary>The class y of v, the same for every network.</summary>
    public required int Target { get; init; }

    /// <summary>What player i is, the same for every network.</summary>
    public required IReadOnlyList<int> Players { get; init; }

    /// <summary>What the model predicts unmasked.</summary>
    public required int Prediction { get; init; }

    /// <summary>What each reference predicts.</summary>
    public required IReadOnlyList<int> ReferencePredictions { get; init; }

    /// <summary>v(∅) of the model.</summary>
    public required double VEmpty { get; init; }

    /// <summary>v(N) of the model.</summary>
    public required double VFull { get; init; }

    /// <summary>One entry a point, in the order of the points.</summary>
    public required IReadOnlyList<SweepSamplePoint> Points { get; init; }
}

/// <summary>One sample at one ratio.</summary>
public sealed record SweepSamplePoint
{
    /// <summary>The ratio.</summary>
    public required double Ratio { get; init; }

    /// <summary>What the pruned network predicts unmasked.</summary>
    public required int Prediction { get; init; }

    /// <summary>v'(∅).</summary>
    public required double VEmpty { get; init; }

    /// <summary>v'(N).</summary>
    public required double VFull { get; init; }

    /// <summary>The model's τ.</summary>
    public required double Threshold { get; init; }

    /// <summary>The relative gap: of the pair when joint, else the larger of the two.</summary>
    public required double Gap { get; init; }

    /// <summary>The larger error of universal matching of the two, as a share of the span.</summary>
    public required double MatchError { get; init; }

    /// <summary>Preserved share of the low orders of this sample.</summary>
    public required double? RhoLow { get; init; }

    /// <summary>Preserved share of the high orders of this sample.</summary>
    public required double? RhoHigh { get; init; }

    /// <summary>How many interactions are salient in the model.</summary>
    public required int Salient { get; init; }

    /// <summary>How many of them the pruning removed.</summary>
    public required int RemovedCount { get; init; }

    /// <summary>How many emerged.</summary>
    public required int EmergedCount { get; init; }

    /// <summary>
    /// The strongest interactions of the two logical models side by side, by descending max(|I|, |I'|); at most 12, and none
    /// for samples beyond those that a note names.
    /// </summary>
    public required IReadOnlyList<SweepInteraction> Top { get; init; }
}

/// <summary>An interaction before and after pruning; salient in at least one of the two.</summary>
/// <param name="Type">AND or OR.</param>
/// <param name="Players">The players of T, ascending: positions in the sample's players.</param>
/// <param name="Before">I_T in the model.</param>
/// <param name="After">I'_T in the pruned network.</param>
/// <param name="Fate">What pruning did with it.</param>
/// <param name="Generalizable">Whether a reference has it too: with the sign of I, or of I' where it emerged.</param>
public sealed record SweepInteraction(InteractionType Type, IReadOnlyList<int> Players, double Before, double After, InteractionFate Fate, bool Generalizable);

/// <summary>What pruning does with an interaction.</summary>
public enum InteractionFate
{
    /// <summary>Salient before, and after with the same sign.</summary>
    Preserved,

    /// <summary>Salient before, and no longer or with the other sign.</summary>
    Removed,

    /// <summary>Salient only after.</summary>
    Emerged,
}
