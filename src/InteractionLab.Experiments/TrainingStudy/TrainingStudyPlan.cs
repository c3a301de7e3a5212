using System.Text.Json;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>A training study laid out: one cell a job of the chain.</summary>
internal sealed class TrainingStudyPlan(TrainingStudySpec spec, StudySplits splits, StudyPasses passes, ILabCatalog catalog) : IExperimentPlan
{
    private readonly IReadOnlyList<ChainStep> _steps = new StudySteps(spec, splits).All;

    /// <inheritdoc/>
    public required JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cells => [.. _steps.Select(step => step.Role)];

    /// <inheritdoc/>
    public string Unit => "jobs";

    /// <inheritdoc/>
    public required IReadOnlyList<string> Models { get; init; }

    /// <inheritdoc/>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <summary>What the seconds of all its jobs are made of.</summary>
    public required Func<Workload> Parts { get; init; }

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(Estimate, Parts, catalog, cancellation);

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) => Task.FromResult<IExperimentRun>(new ChainRun(_steps, context, catalog));

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) => Task.Run(() => Complete(cells, cancellation), cancellation);

    private ExperimentOutput Complete(ICellSource cells, CancellationToken cancellation)
    {
        var steps = ChainOutcome.ReadAll(cells, cancellation);
        var report = new StudyReport(spec, passes, steps);
        var comparison = report.Compare();
        var result = new TrainingStudyResult
        {
            Steps = steps,
            Dynamics = report.Result<TrainingDynamicsResult>(StudySteps.Dynamics),
            Comparison = comparison,
            TrainSamples = splits.Train.Indices.Count,
            TestSamples = splits.Test.Indices.Count,
            Finished = steps.Count,
            Total = _steps.Count,
            Notes = steps.Count < _steps.Count ? [$"Partial: {steps.Count} of {_steps.Count} jobs are finished."] : [],
        };
        var table = new ResultTable("steps", ["role", "kind", "job"], [.. steps.Select(step => (IReadOnlyList<object?>)[step.Role, step.Kind, step.Job])]);
        return new ExperimentOutput(result, [table, .. StudyReport.Tables(comparison)], []);
    }
}
