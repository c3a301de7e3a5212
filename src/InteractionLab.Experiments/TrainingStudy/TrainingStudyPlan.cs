using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>A training study laid out: one cell a job of the chain.</summary>
internal sealed class TrainingStudyPlan(TrainingStudySpec spec, StudySplits splits, StudyPasses passes, ILabCatalog catalog)
    : ChainPlan(new StudySteps(spec, splits).All, catalog)
{
    /// <inheritdoc/>
    protected override ExperimentOutput Complete(IReadOnlyList<ChainOutcome> finished, IReadOnlyList<string> notes)
    {
        var report = new StudyReport(spec, passes, finished);
        var comparison = report.Compare();
        var result = new TrainingStudyResult
        {
            Steps = finished,
            Dynamics = finished.Result<TrainingDynamicsResult>(StudySteps.Dynamics),
            Comparison = comparison,
            TrainSamples = splits.Train.Indices.Count,
            TestSamples = splits.Test.Indices.Count,
            Finished = finished.Count,
            Total = Total,
            Notes = [.. notes, .. splits.Shortages(spec.Samples, ofBoth: true)],
        };
        var table = new ResultTable("steps", ["role", "kind", "job"], [.. finished.Select(step => (IReadOnlyList<object?>)[step.Role, step.Kind, step.Job])]);
        return new ExperimentOutput(result, [table, .. StudyReport.Tables(comparison)], []);
    }
}
