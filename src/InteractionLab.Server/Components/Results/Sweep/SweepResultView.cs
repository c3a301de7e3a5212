using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Server.Components.Datasets;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Sweep;

/// <summary>A pruning sweep with the ratios whose samples are finished, and the names of its networks by id.</summary>
public sealed record SweepContext(JobView Job, IReadOnlyList<string> Tables, PruningSweepResult Report, DatasetView? Dataset, IReadOnlyDictionary<string, string> Names) : ResultContext<PruningSweepResult>(Job, Tables, Report)
{
    /// <summary>The names and places of players.</summary>
    public PlayerMap Players { get; } = new(Job, Dataset);

    /// <inheritdoc/>
    public override int Finished => Report.Finished;

    /// <inheritdoc/>
    public override int Total => Report.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;

    /// <summary>A class by its name where there is one.</summary>
    internal string Class(int? y) => Dataset is not null && SampleRow.LabelText(Dataset, y) is { } name ? name : y is null ? Shared.Text.None : $"class {y}";

    /// <summary>What a sample is called.</summary>
    internal string Title(SweepSample sample) => $"Sample {sample.Index}: {Class(sample.Label)}";

    /// <summary>What a ratio is called.</summary>
    internal static string Ratio(double? ratio) => ratio is { } r ? FormattableString.Invariant($"{100 * r:0.##} %") : Shared.Text.None;
}

/// <summary>The kind <c>pruning-sweep</c>.</summary>
internal sealed class SweepResultView(ReportReader reader, JobDatasets datasets) : IResultView
{
    private static readonly ResultTab[] Known = [new("sweep", "Sweep"), new("orders", "Orders"), new("logic", "Before and after"), new("evidence", "Evidence"), new("compare", "Compare")];

    /// <inheritdoc/>
    public Type Component => typeof(SweepView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "pruning-sweep";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => Known;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation)
    {
        if (await reader.ReadAsync<PruningSweepResult>(job, cancellation) is not { } report)
        {
            return null;
        }

        var dataset = (before as SweepContext)?.Dataset ?? await datasets.FindAsync(job, cancellation);
        return new SweepContext(job, await reader.TablesAsync(job, cancellation), report, dataset, await reader.NamesAsync(report.Networks.Select(network => network.Model), cancellation));
    }
}
