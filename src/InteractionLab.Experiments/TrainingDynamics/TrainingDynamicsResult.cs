namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>
/// The result of a training-dynamics job (method.md §4; definitions chosen in docs/training-dynamics.md). What is
/// undefined is null.
/// </summary>
public sealed record TrainingDynamicsResult
{
    /// <summary>One entry a snapshot whose games are all finished, by epoch.</summary>
    public required IReadOnlyList<DynamicsPoint> Points { get; init; }

    /// <summary>Where the phases end.</summary>
    public required DynamicsPhases Phases { get; init; }

    /// <summary>Generalization to any of the first k references, k = 1..K.</summary>
    public required IReadOnlyList<ReferenceCount> ByReferences { get; init; }

    /// <summary>How much two references agree on what generalizes, one entry a pair; empty for one reference.</summary>
    public required IReadOnlyList<ReferenceAgreement> Agreement { get; init; }

    /// <summary>The references whose games are all finished.</summary>
    public required IReadOnlyList<ReferencePoint> References { get; init; }

    /// <summary>Training samples.</summary>
    public required int TrainSamples { get; init; }

    /// <summary>Testing samples.</summary>
    public required int TestSamples { get; init; }

    /// <summary>n.</summary>
    public required int Players { get; init; }

    /// <summary>Rows of network input that were evaluated for the finished cells.</summary>
    public required long ForwardPasses { get; init; }

    /// <summary>Rows that were not evaluated, because their outputs were kept from an earlier job.</summary>
    public required long SavedPasses { get; init; }

    /// <summary>Finished cells.</summary>
    public required int Finished { get; init; }

    /// <summary>Cells of the job.</summary>
    public required int Total { get; init; }

    /// <summary>What the reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>
/// One snapshot. Strengths are means over samples; H̄ is a ratio of them, over training and testing samples together.
/// Generalizable means to any of the references.
/// </summary>
public sealed record DynamicsPoint
{
    /// <summary>The epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>Id of the snapshot's model.</summary>
    public required string Model { get; init; }

    /// <summary>H̄ over all orders; null when nothing is salient.</summary>
    public required double? Generalization { get; init; }

    /// <summary>H̄_low.</summary>
    public required double? GeneralizationLow { get; init; }

    /// <summary>H̄_high.</summary>
    public required double? GeneralizationHigh { get; init; }

    /// <summary>H̄ of the training samples alone.</summary>
    public required double? GeneralizationTrain { get; init; }

    /// <summary>H̄ of the testing samples alone.</summary>
    public required double? GeneralizationTest { get; init; }

    /// <summary>The mean of H̄ taken sample by sample, over samples with a salient interaction.</summary>
    public required double? GeneralizationOfSamples { get; init; }

    /// <summary>H̄ with the continuous generalizability G' in place of G; null also where a mean |span| is 0.</summary>
    public required double? GeneralizationContinuous { get; init; }

    /// <summary>N̄ = N̄_and + N̄_or, the mean over samples.</summary>
    public required double Count { get; init; }

    /// <summary>N̄_and.</summary>
    public required double CountAnd { get; init; }

    /// <summary>N̄_or.</summary>
    public required double CountOr { get; init; }

    /// <summary>Salient interactions a sample, the mean.</summary>
    public required double Salient { get; init; }

    /// <summary>Mean -log sigmoid(v) of the training samples; null unless v is the log-odds of the label.</summary>
    public required double? TrainLoss { get; init; }

    /// <summary>Mean -log sigmoid(v) of the testing samples.</summary>
    public required double? TestLoss { get; init; }

    /// <summary>The training loss without the non-generalizable interactions.</summary>
    public required double? TrainLossRemoved { get; init; }

    /// <summary>The testing loss without the non-generalizable interactions.</summary>
    public required double? TestLossRemoved { get; init; }

    /// <summary>Testing loss - training loss.</summary>
    public required double? Gap { get; init; }

    /// <summary>The gap without the non-generalizable interactions.</summary>
    public required double? GapRemoved { get; init; }

    /// <summary>The share of the gap that non-generalizable interactions explain, 1 - gapRemoved / gap; null where the gap is not above 0.</summary>
    public required double? GapExplained { get; init; }

    /// <summary>Summed |I| of salient generalizable interactions.</summary>
    public required double GeneralizableStrength { get; init; }

    /// <summary>Summed |I| of salient interactions that are not generalizable.</summary>
    public required double NonGeneralizableStrength { get; init; }

    /// <summary>δ_g: the increase of <see cref="GeneralizableStrength"/> since the snapshot before; null at the first.</summary>
    public required double? NewGeneralizable { get; init; }

    /// <summary>δ_n: the increase of <see cref="NonGeneralizableStrength"/> since the snapshot before; null at the first.</summary>
    public required double? NewNonGeneralizable { get; init; }

    /// <summary>Strengths by order.</summary>
    public required IReadOnlyList<DynamicsOrder> Orders { get; init; }

    /// <summary>H̄ with the first k references, entry k-1.</summary>
    public required IReadOnlyList<double?> ByReferences { get; init; }

    /// <summary>τ that all samples share; null where the rule gives each its own.</summary>
    public required double? Threshold { get; init; }

    /// <summary>Mean |span| over samples.</summary>
    public required double MeanSpan { get; init; }

    /// <summary>The largest gap between a game's objective and its bound.</summary>
    public required double WorstGap { get; init; }

    /// <summary>The largest universal-matching error of a game, as a share of |span|.</summary>
    public required double WorstMatchError { get; init; }

    /// <summary>Games that missed the gap asked for.</summary>
    public required int Unconverged { get; init; }
}

/// <summary>Strengths of one order: sums over salient AND and OR interactions of max(I, 0) and of min(I, 0), means over samples.</summary>
/// <param name="Order">m, from 1.</param>
/// <param name="Positive">I_total^(m),+ ≥ 0.</param>
/// <param name="Negative">I_total^(m),- ≤ 0.</param>
/// <param name="GeneralizablePositive">I_gen^(m),+.</param>
/// <param name="GeneralizableNegative">I_gen^(m),-.</param>
public sealed record DynamicsOrder(int Order, double Positive, double Negative, double GeneralizablePositive, double GeneralizableNegative);

/// <summary>The phases, by epoch of a snapshot.</summary>
/// <param name="T1">Where H̄ is highest (the first such snapshot): phase 1 ends there. Null when no snapshot has an H̄.</param>
/// <param name="T2">The first snapshot after t1 with δ_g &lt; r·δ_n: phase 2 ends there. Null when there is none.</param>
/// <param name="Note">What the reader should know of t1 and t2.</param>
/// <param name="Ranges">The phases that were seen, for bands in charts.</param>
public sealed record DynamicsPhases(int? T1, int? T2, string? Note, IReadOnlyList<PhaseRange> Ranges);

/// <summary>A phase as a range of epochs.</summary>
/// <param name="Phase">1, 2 or 3.</param>
/// <param name="From">The epoch it starts from; that of the phase before belongs to it.</param>
/// <param name="To">The epoch it ends with.</param>
public sealed record PhaseRange(int Phase, int From, int To);

/// <summary>The ablation over the number of references.</summary>
/// <param name="K">The first k references of the spec.</param>
/// <param name="Epoch">The last snapshot, which the numbers beside it are of.</param>
/// <param name="Generalization">H̄ there.</param>
/// <param name="GeneralizationLow">H̄_low there.</param>
/// <param name="GeneralizationHigh">H̄_high there.</param>
/// <param name="Orders">Strengths by order there, generalizable to any of the first k.</param>
public sealed record ReferenceCount(int K, int Epoch, double? Generalization, double? GeneralizationLow, double? GeneralizationHigh, IReadOnlyList<DynamicsOrder> Orders);

/// <summary>Agreement of two references on the snapshots' interactions.</summary>
/// <param name="A">Position of the first reference in the spec, from 0.</param>
/// <param name="B">Position of the second.</param>
/// <param name="Epoch">The last snapshot.</param>
/// <param name="Jaccard">J there, 0..1; null where nothing generalizes to either.</param>
/// <param name="Points">J at every snapshot.</param>
public sealed record ReferenceAgreement(int A, int B, int Epoch, double? Jaccard, IReadOnlyList<AgreementPoint> Points);

/// <summary>J at one snapshot.</summary>
public sealed record AgreementPoint(int Epoch, double? Jaccard);

/// <summary>What is known of a reference's games.</summary>
/// <param name="Model">Its id.</param>
/// <param name="Threshold">τ* that all samples share; null where the rule gives each its own.</param>
/// <param name="MeanSpan">Mean |span| over samples.</param>
/// <param name="WorstGap">The largest gap of a game.</param>
/// <param name="WorstMatchError">The largest universal-matching error of a game.</param>
/// <param name="Unconverged">Games that missed the gap asked for.</param>
public sealed record ReferencePoint(string Model, double? Threshold, double MeanSpan, double WorstGap, double WorstMatchError, int Unconverged);
