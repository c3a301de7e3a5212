using InteractionLab.Server.Components.Results;
using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;
using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Pages;

/// <summary>One job: progress while it runs, charts of what is finished, and its files. Every selection lives in the address.</summary>
public sealed partial class JobPage
{
    private const string DefaultTab = "summary";
    private const int DefaultTopK = 15;
    private const int MostTopK = 50;
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1.5);

    private JobView? job;
    private JobContext? context;
    private IReadOnlyList<string> tables = [];
    private Fault? fault;
    private Fault? refusal;
    private Fault? reportFault;
    private bool gone;
    private bool reading;
    private string? loaded;
    private long reportAt;
    private (int Done, JobState State)? reported;

    /// <summary>The job.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    /// <summary>The tab shown.</summary>
    [SupplyParameterFromQuery]
    public string? Tab { get; set; }

    /// <summary>Index of the sample or game shown.</summary>
    [SupplyParameterFromQuery]
    public int? Sample { get; set; }

    /// <summary>Index of the second one of a comparison.</summary>
    [SupplyParameterFromQuery(Name = Q.With)]
    public int? Partner { get; set; }

    /// <summary>How many interactions are shown.</summary>
    [SupplyParameterFromQuery]
    public int? K { get; set; }

    /// <summary>The interaction chosen in the table, from 1.</summary>
    [SupplyParameterFromQuery]
    public int? Row { get; set; }

    [Inject]
    private JobService Jobs { get; set; } = default!;

    [Inject]
    private JobEvents Events { get; set; } = default!;

    [Inject]
    private DatasetService Datasets { get; set; } = default!;

    [Inject]
    private ExperimentRegistry Experiments { get; set; } = default!;

    [Inject]
    private ReportReader Reader { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    private string CurrentTab => Tabs.Any(t => t.Name == Tab) ? Tab! : DefaultTab;

    private int TopK => Math.Clamp(K ?? DefaultTopK, 1, MostTopK);

    private ReportedGame Chosen => context!.Report.Samples.FirstOrDefault(s => s.Index == Sample) ?? context.Report.Samples[0];

    private ReportedGame? Second => context!.Report.Samples.FirstOrDefault(s => s.Index == Partner);

    private IEnumerable<(string Name, string Title)> Tabs
    {
        get
        {
            yield return (DefaultTab, "Summary");
            yield return ("interactions", "Interactions");
            yield return ("graph", "Logical graph");
            yield return ("certificate", "Certificate");
            yield return ("compare", "Compare");
            if (context?.IsGames is true)
            {
                yield return ("shapley", "Orders and Shapley");
            }

            yield return ("files", "Files");
        }
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => Follow(Events, Id, OnNewsAsync);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (loaded != Id)
        {
            loaded = Id;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        fault = await TryAsync(async token => job = await Jobs.FindAsync(Id, token));
        if (job is not null)
        {
            StateHasChanged();
            await ReadReportAsync();
        }
    }

    private async Task OnNewsAsync(JobEvent news)
    {
        if (news.Job is null)
        {
            gone = true;
        }
        else
        {
            job = news.Job;
            // The header follows every event; the charts at most every so often, and at once when the state changes.
            if (job.State != reported?.State || (job.Progress.Done != reported?.Done && Clock.GetElapsedTime(reportAt) > ReportEvery))
            {
                StateHasChanged();
                await ReadReportAsync();
            }
        }

        StateHasChanged();
    }

    private async Task ReadReportAsync()
    {
        if (job is not { } now || reading || reported == (now.Progress.Done, now.State))
        {
            return;
        }

        reading = true;
        reportFault = await TryAsync(async token =>
        {
            var report = await Task.Run(() => Reader.ReadAsync(now, token), token);
            if (report is not null)
            {
                context = new JobContext(now, report, context?.Dataset ?? await FindDatasetAsync(now, token));
                tables = (await Reader.OutputAsync(now, token)).Tables;
            }

            reported = (now.Progress.Done, now.State);
            reportAt = Clock.GetTimestamp();
        });
        reading = false;
    }

    // A dataset may have been deleted since; then there are no pictures and no names.
    private async Task<DatasetView?> FindDatasetAsync(JobView of, CancellationToken cancellation)
    {
        if (of.Spec.TryGetProperty("dataset", out var id) && id.GetString() is { } name)
        {
            try
            {
                return await Datasets.FindAsync(name, cancellation);
            }
            catch (NotFoundException)
            {
            }
        }

        return null;
    }

    private void Apply(Change change) => SetQuery(change.Values, replace: change.Values.ContainsKey(Q.K));
}
