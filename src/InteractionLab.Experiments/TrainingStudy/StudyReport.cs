using System.Text.Json;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>Forward passes that the two trainings count as; the second is null without a penalty.</summary>
internal sealed record StudyPasses(long Plain, long? Penalty);

/// <summary>Compares the finished steps of a study.</summary>
internal sealed class StudyReport(TrainingStudySpec spec, StudyPasses passes, IReadOnlyList<ChainOutcome> steps)
{
    /// <summary>One entry a training; none where nothing is compared.</summary>
    public IReadOnlyList<StudyComparison> Compare() =>
    [
        .. spec.Penalty is null && spec.Pruned is null ? [] : new[] { Of(StudyVariant.Plain, StudySteps.Target, StudySteps.Dynamics, StudySteps.Pruned, passes.Plain) },
        .. spec.Penalty is null ? [] : new[] { Of(StudyVariant.Penalty, StudySteps.Penalty, StudySteps.PenaltyDynamics, StudySteps.PenaltyPruned, passes.Penalty) },
    ];

    /// <summary>The comparison as tables.</summary>
    public static IReadOnlyList<ResultTable> Tables(IReadOnlyList<StudyComparison> comparison) => comparison.Count == 0 ? [] :
    [
        new(
            "comparison",
            ["variant", "generalizationLast", "generalizationHighest", "testAccuracy", "trainAccuracy", "lossGap", "secondsPerEpoch", "penaltySeconds", "penaltyValue", "passes"],
            [.. comparison.Select(row => (IReadOnlyList<object?>)[Name(row), row.Generalization.Last, row.Generalization.Highest, row.TestAccuracy, row.TrainAccuracy, row.LossGap, row.SecondsPerEpoch, row.PenaltySeconds, row.PenaltyValue, row.Passes])]),
        new(
            "comparison-epochs",
            ["variant", "epoch", "generalization", "count", "testAccuracy"],
            [.. comparison.SelectMany(row => row.Course.Select(point => (IReadOnlyList<object?>)[Name(row), point.Epoch, point.Generalization, point.Count, point.TestAccuracy]))]),
        new(
            "comparison-pruned",
            ["variant", "ratio", "accuracy"],
            [.. comparison.SelectMany(row => row.PrunedAccuracy.Select(point => (IReadOnlyList<object?>)[Name(row), point.Ratio, point.Accuracy]))]),
    ];

    private static string Name(StudyComparison row) => row.Variant == StudyVariant.Plain ? "plain" : "penalty";

    private StudyComparison Of(StudyVariant variant, string trained, string analysed, string pruned, long? counted)
    {
        var training = steps.Result<TrainingResult>(trained);
        var points = steps.Result<TrainingDynamicsResult>(analysed)?.Points ?? [];
        var epochs = training?.Epochs ?? [];
        var last = epochs.Count == 0 ? null : epochs[^1];
        var later = epochs.Where(epoch => epoch.Epoch > 0).ToArray();
        var terms = later.Select(epoch => epoch.Terms?.FirstOrDefault(term => term.Name == "penalty")).ToArray();
        return new StudyComparison
        {
            Variant = variant,
            Generalization = new(points.Count == 0 ? null : points[^1].Generalization, points.Max(point => point.Generalization)),
            TestAccuracy = TrainingSteps.Finite(last?.TestAccuracy),
            TrainAccuracy = TrainingSteps.Finite(last?.TrainAccuracy),
            LossGap = Smooths ? null : TrainingSteps.Finite(last?.TestLoss - last?.TrainLoss),
            PrunedAccuracy = [.. (steps.Result<PruningSweepResult>(pruned)?.Points ?? []).Select(point => new PrunedAccuracy(point.Ratio, point.Accuracy))],
            SecondsPerEpoch = later.Length == 0 ? null : later.Average(epoch => epoch.Seconds),
            PenaltySeconds = terms.All(term => term is null) ? null : terms.Sum(term => term?.Seconds),
            PenaltyValue = terms.Length == 0 ? null : TrainingSteps.Finite(terms[^1]?.Value),
            Passes = training is null ? null : counted,
            Course = [.. points.Select(point => new StudyCourse(point.Epoch, point.Generalization, point.Count, TrainingSteps.Finite(epochs.FirstOrDefault(epoch => epoch.Epoch == point.Epoch)?.TestAccuracy)))],
        };
    }

    private bool Smooths => spec.Training.TryGetProperty("labelSmoothing", out var smoothing) && smoothing.ValueKind == JsonValueKind.Number && smoothing.GetDouble() > 0;
}
