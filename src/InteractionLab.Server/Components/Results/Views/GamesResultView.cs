using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Views;

/// <summary>The kinds whose cells are games: samples of a dataset, or tables computed elsewhere.</summary>
internal sealed class GamesResultView(ReportReader reader, JobDatasets datasets) : IResultView
{
    private static readonly ResultTab[] Common = [new("summary", "Summary"), new("interactions", "Interactions"), new("graph", "Logical graph"), new("certificate", "Certificate"), new("compare", "Compare")];
    private static readonly ResultTab[] WithShapley = [.. Common, new("shapley", "Orders and Shapley")];

    /// <inheritdoc/>
    public Type Component => typeof(GamesView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind is "masked-samples" or "games";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => ((JobContext)context).IsGames ? WithShapley : Common;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation)
    {
        if (await reader.ReadAsync<JobReport>(job, cancellation) is not { } report)
        {
            return null;
        }

        var dataset = (before as JobContext)?.Dataset ?? await datasets.FindAsync(job, cancellation);
        return new JobContext(job, await reader.TablesAsync(job, cancellation), report, dataset);
    }
}
