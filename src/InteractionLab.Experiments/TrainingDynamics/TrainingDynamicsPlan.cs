using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>A training-dynamics job laid out: references and snapshots x blocks of samples.</summary>
internal sealed class TrainingDynamicsPlan(
    TrainingDynamicsSpec spec, DynamicsLayout layout, NetworkGames train, NetworkGames test, SnapshotSet snapshots, IReadOnlyList<CatalogModel> references, IReadOnlyList<CatalogModel> known, ILabCatalog catalog) : IExperimentPlan, IWorkPlan
{
    /// <inheritdoc/>
    public required JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public required IReadOnlyList<string> Cells { get; init; }

    /// <inheritdoc/>
    public string Unit => "blocks of games";

    /// <inheritdoc/>
    public required IReadOnlyList<string> Models { get; init; }

    /// <inheritdoc/>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Jobs => snapshots.JobId is { } id ? [id] : [];

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(this, catalog, cancellation);

    /// <inheritdoc/>
    public Workload Work()
    {
        List<NetworkFile> networks = [.. references.Concat(known).Select(model => NetworkFile.Of(model, train.Ask))];
        return DynamicsWork.Of(spec, layout, train, test, networks, catalog);
    }

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new TrainingDynamicsRun(layout, spec.Interactions, train, test, FindModelAsync, context, catalog.Rates), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) => Task.Run(() => Complete(cells, cancellation), cancellation);

    private Task<CatalogModel> FindModelAsync(int network, CancellationToken cancellation) => network < layout.References
        ? Task.FromResult(references[network])
        : snapshots.FindAsync(layout.Epochs[network - layout.References], cancellation);

    private ExperimentOutput Complete(ICellSource cells, CancellationToken cancellation)
    {
        var value = train.Spec.Value!;
        var measures = new DynamicsMeasures(
            new OrderRange(spec.Limits.LowOrders[0], spec.Limits.LowOrders[1]),
            new OrderRange(spec.Limits.HighOrders[0], spec.Limits.HighOrders[1]),
            spec.Share,
            spec.Ratio,
            value.Type == ValueKind.LogOdds && value.Target?.Word == ValueSpec.Label);
        var report = DynamicsReport.Build(cells, layout, measures, spec.Salience.Options, cancellation);
        var result = report.Result([.. Notes()]);
        return new ExperimentOutput(result, ClassColumns.Add(DynamicsTables.Of(result, report, layout), train.Dataset.Summary.ClassNames), DynamicsArtifacts.Of(report, layout));
    }

    private IEnumerable<string> Notes()
    {
        var shared = train.Dataset.Id == test.Dataset.Id ? train.Samples.Indices!.Intersect(test.Samples.Indices!).Count() : 0;
        if (shared > 0)
        {
            yield return $"{shared} samples are training and testing samples at once.";
        }

        foreach (var note in train.Notes.Union(test.Notes))
        {
            yield return note;
        }
    }
}
