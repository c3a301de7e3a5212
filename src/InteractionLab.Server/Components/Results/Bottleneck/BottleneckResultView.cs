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
    private static readonly ResultTab Profile = new("profile", "Profile");
    private static readonly ResultTab Course = new("course", "Over training");
    private static readonly ResultTab Models = new("models", "Models");
    private static readonly ResultTab Change = new("change", "Before and after");
    private static readonly ResultTab[] Last = [new("evidence", "Evidence"), new("compare", "Compare")];

    /// <inheritdoc/>
    public Type Component => typeof(BottleneckView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "bottleneck";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => ((BottleneckContext)context).Report.Models switch
    {
        { Count: < 2 } => [Profile, Models, .. Last],
        [{ Epoch: not null }, ..] => [Course, Profile, Models, Change, .. Last],
        _ => [Profile, Models, Change, .. Last],
    };

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation) =>
        await reader.ReadAsync<BottleneckResult>(job, cancellation) is { } report
            ? new BottleneckContext(job, await reader.TablesAsync(job, cancellation), report)
            : null;
}
