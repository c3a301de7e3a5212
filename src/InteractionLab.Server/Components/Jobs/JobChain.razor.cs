using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Jobs;
using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Jobs;

/// <summary>The chain a job stands in: its children and its parent.</summary>
public sealed partial class JobChain : LabPage
{
    private List<JobView> children = [];
    private string? parentName;
    private string? shown;

    /// <summary>The job.</summary>
    [Parameter, EditorRequired]
    public JobView Job { get; set; } = default!;

    [Inject]
    private JobService Jobs { get; set; } = default!;

    [Inject]
    private JobEvents Events { get; set; } = default!;

    /// <inheritdoc/>
    protected override void OnInitialized() => Follow(Events, null, OnNewsAsync);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (shown != Job.Id)
        {
            shown = Job.Id;
            await LoadAsync();
        }
    }

    // A chain has few jobs; what could not be read is read again with the next news.
    private async Task LoadAsync() => await TryAsync(async token =>
    {
        parentName = Job.Parent is { } parent ? (await Jobs.FindAsync(parent, token)).Name : null;
        var page = await Jobs.ListAsync(new JobQuery(Parent: Job.Id), token);
        children = [.. page.Items.Reverse()];
    });

    private async Task OnNewsAsync(JobEvent news)
    {
        if (news.Job is { } job && children.FindIndex(child => child.Id == job.Id) is >= 0 and var at)
        {
            children[at] = job;
        }
        else if (news.Kind is not JobEventKind.Progress && (news.Job?.Parent == Job.Id || news.Job?.Id == Job.Id || news.Job is null))
        {
            await LoadAsync();
        }
        else
        {
            return;
        }

        StateHasChanged();
    }
}
