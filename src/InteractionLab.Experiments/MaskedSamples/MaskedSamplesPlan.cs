using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>A masked-samples job laid out: one cell a sample.</summary>
internal sealed class MaskedSamplesPlan(MaskedSamplesSpec spec, CatalogModel model, NetworkGames games, ILabCatalog catalog) : GamePlanBase, IWorkPlan
{
    /// <inheritdoc/>
    public override string Unit => "samples";

    /// <inheritdoc/>
    protected override SalienceRule Salience => spec.Salience.Options;

    /// <inheritdoc/>
    public override Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new MaskedSamplesRun(spec, games, model, context, catalog.Rates), cancellation);

    /// <inheritdoc/>
    public override Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(this, catalog, cancellation);

    /// <inheritdoc/>
    public Workload Work()
    {
        var samples = games.Samples.Keys.Count;
        return new Workload()
            .AddPipelined(samples, first => first.AddGames(games, [NetworkFile.Of(model, games.Ask)], catalog), rest => rest.AddSolves(games, NetworkFile.Of(model, games.Ask), spec.Interactions, samples), CellsAhead.Of(games.PlayerCount))
            .AddStorage("masked-samples", Cells.Count);
    }

    /// <inheritdoc/>
    protected override ExperimentOutput Complete(ICellSource cells, CancellationToken cancellation)
    {
        var report = GameReport.Build(GameCells.Open(cells, Games, cancellation), Salience, (sample, _) => sample, cancellation);
        var result = new MaskedSamplesResult
        {
            Samples = report.Samples,
            Orders = report.Orders,
            Threshold = report.Threshold,
            Sparsity = report.Sparsity,
            StrengthCurve = report.StrengthCurve,
            ForwardPasses = report.Games.ForwardPasses,
            SavedPasses = report.Games.SavedPasses,
            Finished = report.Games.Finished,
            Total = report.Games.Total,
            Notes = [.. games.Notes, .. report.Notes],
        };
        return new ExperimentOutput(result, ClassColumns.Add(report.Tables, games.Dataset.Summary.ClassNames), report.Artifacts);
    }
}
