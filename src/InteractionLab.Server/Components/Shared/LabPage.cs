using System.Globalization;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;
using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Shared;

/// <summary>
/// What pages share: a token that ends with the page, faults in words, selections that live in the address, and one
/// subscription to the news of jobs.
/// </summary>
public abstract partial class LabPage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource leaving = new();
    private readonly CancellationToken left;

    /// <summary>Creates the page.</summary>
    protected LabPage() => left = leaving.Token;

    /// <summary>Addresses.</summary>
    [Inject]
    protected NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private ILoggerFactory Loggers { get; set; } = default!;

    /// <summary>Ends when the page is left.</summary>
    protected CancellationToken Leaving => left;

    /// <summary>A number of the address; null where there is none, or something else: an address is typed by people.</summary>
    protected static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        leaving.Cancel();
        leaving.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs an action; what goes wrong comes back in words, and is logged where it is the server's fault.</summary>
    internal async Task<Fault?> TryAsync(Func<CancellationToken, Task> action)
    {
        try
        {
            await action(Leaving);
            return null;
        }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception error)
        {
            var fault = Fault.From(error);
            if (fault.Status >= 500)
            {
                LogFailed(Loggers.CreateLogger(GetType()), error);
            }

            return fault;
        }
    }

    /// <summary>Follows one job, or all, until the page is left. Subscribes before it returns, so read the store after.</summary>
    internal void Follow(JobEvents events, string? jobId, Func<JobEvent, Task> onNews) => _ = FollowAsync(events.Subscribe(jobId, Leaving), onNews);

    /// <summary>Writes selections into the address; null removes one. Replaces the entry of the history where asked.</summary>
    protected void SetQuery(IReadOnlyDictionary<string, object?> values, bool replace = false) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(values), replace: replace);

    /// <summary>The address of this page with some selections changed.</summary>
    protected string With(params (string Name, object? Value)[] values) =>
        Navigation.GetUriWithQueryParameters(values.ToDictionary(v => v.Name, v => v.Value));

    private async Task FollowAsync(IAsyncEnumerable<JobEvent> news, Func<JobEvent, Task> onNews)
    {
        await TryAsync(async _ =>
        {
            await foreach (var item in news)
            {
                await InvokeAsync(() => onNews(item));
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page could not do what was asked")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
