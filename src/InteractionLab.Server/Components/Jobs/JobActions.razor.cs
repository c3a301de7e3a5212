using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace InteractionLab.Server.Components.Jobs;

/// <summary>What can be done with a job in its state. Refusals are told in words.</summary>
public sealed partial class JobActions
{
    private bool busy;

    /// <summary>The job.</summary>
    [Parameter, EditorRequired]
    public JobEntry Job { get; set; } = default!;

    /// <summary>Small buttons for a row of a table.</summary>
    [Parameter]
    public bool Compact { get; set; }

    /// <summary>Raised with a refusal, or null when it went well.</summary>
    [Parameter]
    public EventCallback<Fault?> OnFault { get; set; }

    /// <summary>Raised when the job was deleted from here.</summary>
    [Parameter]
    public EventCallback OnDeleted { get; set; }

    [Inject]
    private JobService Jobs { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private NotificationService Notifications { get; set; } = default!;

    private string? Size => Compact ? "tight" : null;

    private Task<bool> CancelAsync() => DoAsync(token => Jobs.CancelAsync(Job.Id, token));

    private Task<bool> RetryAsync() => DoAsync(token => Jobs.RetryAsync(Job.Id, token));

    private async Task DeleteAsync()
    {
        var (id, name) = (Job.Id, Job.Name);
        if (await Dialogs.AskAsync("Delete this job?", $"“{name}” is removed with its results. This cannot be undone.", "Delete")
            && await DoAsync(token => Jobs.DeleteAsync(id, token)))
        {
            Notifications.Done($"{name} is deleted");
            await OnDeleted.InvokeAsync();
        }
    }

    private async Task<bool> DoAsync(Func<CancellationToken, Task> action)
    {
        busy = true;
        var fault = await TryAsync(action);
        busy = false;
        await OnFault.InvokeAsync(fault);
        if (fault is not null && !OnFault.HasDelegate)
        {
            Notifications.Refused("Refused", fault.Detail);
        }

        return fault is null;
    }
}
