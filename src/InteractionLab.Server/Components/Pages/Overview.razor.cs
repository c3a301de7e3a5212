using InteractionLab.Server.Components.Overview;
using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;
using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Pages;

/// <summary>The lab at a glance.</summary>
public sealed partial class Overview
{
    private const int Recent = 8;

    private OverviewCounts? counts;
    private List<JobEntry> running = [];
    private List<JobEntry> recent = [];
    private Fault? fault;

    [Inject]
    private OverviewReader Reader { get; set; } = default!;

    [Inject]
    private JobService Jobs { get; set; } = default!;

    [Inject]
    private JobEvents Events { get; set; } = default!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        Follow(Events, null, OnNewsAsync);
        return LoadAsync();
    }

    private async Task LoadAsync() => fault = await TryAsync(async token =>
    {
        var now = await Reader.CountAsync(token);
        recent = [.. (await Jobs.ListAsync(new JobQuery(Take: Recent), token)).Items];
        running = now.Of(JobState.Running) == 0 ? [] : [.. (await Jobs.ListAsync(new JobQuery(JobState.Running, Take: Recent), token)).Items];
        counts = now;
    });

    private async Task OnNewsAsync(JobEvent news)
    {
        if (news.Kind is not JobEventKind.Progress)
        {
            await LoadAsync();
        }
        else if (news.Job is { } job)
        {
            Replace(running, job);
            Replace(recent, job);
        }

        StateHasChanged();
    }

    private static void Replace(List<JobEntry> jobs, JobView job)
    {
        if (jobs.FindIndex(j => j.Id == job.Id) is >= 0 and var at)
        {
            jobs[at] = job;
        }
    }
}
