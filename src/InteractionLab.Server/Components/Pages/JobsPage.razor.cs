using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Pages;

/// <summary>The queue: jobs by state and kind, live.</summary>
public sealed partial class JobsPage
{
    private Page<JobEntry>? list;
    private List<JobEntry> jobs = [];
    private Fault? fault;
    private Fault? refusal;

    /// <summary>Only jobs in this state.</summary>
    [SupplyParameterFromQuery]
    public string? State { get; set; }

    /// <summary>Only jobs of this kind.</summary>
    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    /// <summary>The cursor of the page shown.</summary>
    [SupplyParameterFromQuery]
    public string? After { get; set; }

    [Inject]
    private JobService Jobs { get; set; } = default!;

    [Inject]
    private JobEvents Events { get; set; } = default!;

    [Inject]
    private ExperimentRegistry Experiments { get; set; } = default!;

    private bool Filtered => State is not null || Kind is not null;

    /// <inheritdoc/>
    protected override void OnInitialized() => Follow(Events, null, OnNewsAsync);

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync() => fault = await TryAsync(async token =>
    {
        JobState? state = State is null ? null : JobStates.TryParse(State) ?? throw new InvalidInputException("state", $"there is no state '{State}'");
        list = await Jobs.ListAsync(new JobQuery(state, Kind, After: After), token);
        jobs = [.. list.Items];
    });

    // Progress changes a row in place; a change of state may change which rows belong here, so the list is read again.
    private async Task OnNewsAsync(JobEvent news)
    {
        if (news.Kind is not JobEventKind.Progress)
        {
            await LoadAsync();
        }
        else if (jobs.FindIndex(j => j.Id == news.JobId) is >= 0 and var at && news.Job is { } job)
        {
            jobs[at] = job;
        }
        else
        {
            return;
        }

        StateHasChanged();
    }

    private void Filter(string name, object? value) =>
        SetQuery(new Dictionary<string, object?> { [name] = value as string is { Length: > 0 } text ? text : null, ["after"] = null });
}
