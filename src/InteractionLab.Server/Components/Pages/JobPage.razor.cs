using InteractionLab.Server.Components.Results;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;
using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Pages;

/// <summary>One job: progress while it runs, charts of what is finished, and its files. Every selection lives in the address.</summary>
public sealed partial class JobPage
{
    private const string FilesTabName = "files";
    private static readonly ResultTab Files = new(FilesTabName, "Files");
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1.5);

    private JobView? job;
    private ResultContext? context;
    private IReadOnlyList<ResultTab> tabs = [Files];
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

    /// <summary>Where a slider stands.</summary>
    [SupplyParameterFromQuery]
    public string? At { get; set; }

    /// <summary>Which of several quantities is shown.</summary>
    [SupplyParameterFromQuery]
    public string? Show { get; set; }

    /// <summary>The first of two that are compared.</summary>
    [SupplyParameterFromQuery]
    public string? Before { get; set; }

    /// <summary>The second of two that are compared.</summary>
    [SupplyParameterFromQuery]
    public string? After { get; set; }

    /// <summary>The second one of a comparison.</summary>
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
    private ExperimentRegistry Experiments { get; set; } = default!;

    [Inject]
    private ResultViews Views { get; set; } = default!;

    [Inject]
    private ReportReader Reader { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    // A kind without a view has its files alone.
    private IResultView? View => job is null ? null : Views.Find(job.Kind);

    private string CurrentTab => tabs.Any(t => t.Name == Tab) ? Tab! : tabs[0].Name;

    private Dictionary<string, object> Parameters => new()
    {
        [nameof(ResultView.Result)] = context!,
        [nameof(ResultView.Tab)] = CurrentTab,
        [nameof(ResultView.Chosen)] = new Selections(Sample, Partner, K, Row, Rows, At, Show, Before, After),
        [nameof(ResultView.OnQuery)] = EventCallback.Factory.Create<Change>(this, Apply),
    };

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (loaded != Id)
        {
            loaded = Id;
            (job, context, tabs, reported, gone) = (null, null, [Files], null, false);
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
            if (await Task.Run(() => ReadAsync(now, token), token) is { } read)
            {
                context = read;
                tabs = View is { } view ? [.. view.Tabs(read), Files] : [Files];
            }

            reported = (now.Progress.Done, now.State);
            reportAt = Clock.GetTimestamp();
        });
        reading = false;

        // The news that a job has ended may come while its report is read, and no other follows it.
        if (reportFault is null && job is { } later && later.State != now.State && !Leaving.IsCancellationRequested)
        {
            await ReadReportAsync();
        }
    }

    private async Task<ResultContext?> ReadAsync(JobView now, CancellationToken cancellation) =>
        View is { } view ? await view.ReadAsync(now, context, cancellation)
        : now.State is JobState.Succeeded || now.Progress.Done > 0 ? new PlainContext(now, await Reader.TablesAsync(now, cancellation))
        : null;

    private void Apply(Change change) => SetQuery(change.Values, change.Replace);
}
