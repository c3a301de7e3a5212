using InteractionLab.Experiments.TrainingDynamics;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Dynamics;

/// <summary>A training-dynamics job with the snapshots whose games are finished, and the names of its references by id.</summary>
public sealed record DynamicsContext(JobView Job, IReadOnlyList<string> Tables, TrainingDynamicsResult Report, IReadOnlyDictionary<string, string> Names) : ResultContext<TrainingDynamicsResult>(Job, Tables, Report)
{
    /// <summary>The name of a model; its id where it was deleted since.</summary>
    public string NameOf(string model) => Names.GetValueOrDefault(model, model);

    /// <inheritdoc/>
    public override int Finished => Report.Finished;

    /// <inheritdoc/>
    public override int Total => Report.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;
}

/// <summary>The kind <c>training-dynamics</c>.</summary>
internal sealed class DynamicsResultView(ReportReader reader) : IResultView
{
    private static readonly ResultTab[] Known = [new("dynamics", "Dynamics"), new("orders", "Orders"), new("references", "References"), new("evidence", "Evidence"), new("compare", "Compare")];

    /// <inheritdoc/>
    public Type Component => typeof(DynamicsView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "training-dynamics";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => Known;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation) =>
        await reader.ReadAsync<TrainingDynamicsResult>(job, cancellation) is { } report
            ? new DynamicsContext(job, await reader.TablesAsync(job, cancellation), report, await reader.NamesAsync(report.References.Select(r => r.Model), cancellation))
            : null;
}
