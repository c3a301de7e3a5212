using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Bottleneck;

/// <summary>A bottleneck job with the profiles of what is finished.</summary>
public sealed record BottleneckContext(JobView Job, IReadOnlyList<string> Tables, BottleneckResult Report) : ResultContext<BottleneckResult>(Job, Tables, Report)
{
    /// <inheritdoc/>
    public override int Finished => Report.Finished;

    /// <inheritdoc/>
    public override int Total => Report.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;
}

/// <summary>The kind <c>bottleneck</c>.</summary>
internal sealed class BottleneckResultView(ReportReader reader) : IResultView
{
    private static readonly ResultTab[] Known = [new("profile", "Profile"), new("models", "Models"), new("evidence", "Evidence"), new("compare", "Compare")];

    /// <inheritdoc/>
    public Type Component => typeof(BottleneckView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "bottleneck";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => Known;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation) =>
        await reader.ReadAsync<BottleneckResult>(job, cancellation) is { } report
            ? new BottleneckContext(job, await reader.TablesAsync(job, cancellation), report)
            : null;
}
