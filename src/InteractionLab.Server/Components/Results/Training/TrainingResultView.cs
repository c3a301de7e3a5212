using InteractionLab.Experiments.Training;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Training;

/// <summary>A training job with its epochs so far.</summary>
public sealed record TrainingContext(JobView Job, IReadOnlyList<string> Tables, TrainingResult Report) : ResultContext<TrainingResult>(Job, Tables, Report)
{
    /// <inheritdoc/>
    public override int Finished => Job.Progress.Done;

    /// <inheritdoc/>
    public override int Total => Job.Progress.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;
}

/// <summary>The kind <c>training</c>.</summary>
internal sealed class TrainingResultView(ReportReader reader) : IResultView
{
    private static readonly ResultTab[] Known = [new("curves", "Curves"), new("snapshots", "Snapshots"), new("compare", "Compare")];

    /// <inheritdoc/>
    public Type Component => typeof(TrainingView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "training";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => Known;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation) =>
        await reader.ReadAsync<TrainingResult>(job, cancellation) is { } report
            ? new TrainingContext(job, await reader.TablesAsync(job, cancellation), report)
            : null;
}
