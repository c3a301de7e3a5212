using InteractionLab.Experiments.Macro;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Macro;

/// <summary>A macro job with the tests that are finished.</summary>
public sealed record MacroContext(JobView Job, IReadOnlyList<string> Tables, MacroResult Report) : ResultContext<MacroResult>(Job, Tables, Report)
{
    /// <inheritdoc/>
    public override int Finished => Report.Finished;

    /// <inheritdoc/>
    public override int Total => Report.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;
}

/// <summary>The kind <c>macro</c>.</summary>
internal sealed class MacroResultView(ReportReader reader) : IResultView
{
    private static readonly ResultTab[] Known = [new("tests", "Tests")];

    /// <inheritdoc/>
    public Type Component => typeof(MacroView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "macro";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => Known;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation) =>
        await reader.ReadAsync<MacroResult>(job, cancellation) is { } report
            ? new MacroContext(job, await reader.TablesAsync(job, cancellation), report)
            : null;
}
