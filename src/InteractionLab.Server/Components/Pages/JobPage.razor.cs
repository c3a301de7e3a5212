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
    private bool waiting;
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
    public string? Sample { get; set; }

    /// <summary>Index of the second one of a comparison.</summary>
    [SupplyParameterFromQuery(Name = Q.With)]
    public string? Partner { get; set; }

    /// <summary>How many interactions are shown.</summary>
    [SupplyParameterFromQuery]
    public string? K { get; set; }

    /// <summary>The interaction chosen in the table, from 1.</summary>
    [SupplyParameterFromQuery]
    public string? Row { get; set; }

    /// <summary>Page of the table of samples, from 1.</summary>
    [SupplyParameterFromQuery]
    public string? Rows { get; set; }

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

    private int TopK => Math.Clamp(Number(K) ?? DefaultTopK, 1, MostTopK);

    private ReportedGame Chosen => context!.Report.Samples.FirstOrDefault(s => s.Index == Number(Sample)) ?? context.Report.Samples[0];

    // Without a choice the next one, or the one before the last, is compared.
    private ReportedGame? Second => context!.Report.Samples.FirstOrDefault(s => s.Index == Number(Partner))
        ?? context.Report.Samples.SkipWhile(s => !ReferenceEquals(s, Chosen)).Skip(1).FirstOrDefault()
        ?? context.Report.Samples.LastOrDefault(s => !ReferenceEquals(s, Chosen));

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
    protected override async Task OnParametersSetAsync()
    {
        if (loaded != Id)
        {
            loaded = Id;
            (job, context, reported, gone) = (null, null, null, false);
            Follow(Events, Id, OnNewsAsync);
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
        if (news.JobId != Id)
        {
            return;
        }

        gone = news.Job is null;
        job = news.Job ?? job;
        StateHasChanged();

        // The header follows every event; the charts at most every so often, and at once when the state changes.
        var wait = job?.State != reported?.State ? TimeSpan.Zero : ReportEvery - Clock.GetElapsedTime(reportAt);
        if (!gone && job?.Progress.Done is { } done && (done != reported?.Done || wait == TimeSpan.Zero))
        {
            await ReadReportAfterAsync(wait);
        }
    }

    private async Task ReadReportAfterAsync(TimeSpan wait)
    {
        if (wait <= TimeSpan.Zero)
        {
            await ReadReportAsync();
            StateHasChanged();
        }
        else if (!waiting)
        {
            waiting = true;
            _ = TryAsync(async token =>
            {
                await Task.Delay(wait, Clock, token);
                await InvokeAsync(async () =>
                {
                    waiting = false;
                    await ReadReportAsync();
                    StateHasChanged();
                });
            });
        }
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
