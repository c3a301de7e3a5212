using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace InteractionLab.Server.Components.Shared;

/// <summary>
/// A form sent to the HTTP API by the browser itself, with progress: files of any size never pass through the circuit.
/// The fields inside have the names the API takes.
/// </summary>
public sealed partial class UploadForm : IAsyncDisposable
{
    private const string Marked = "The upload was refused; see the marked fields.";

    private ElementReference form;
    private IJSObjectReference? module;
    private DotNetObjectReference<UploadForm>? self;
    private bool busy;
    private long sent;
    private long total;
    private string? refusal;

    /// <summary>The API's address.</summary>
    [Parameter, EditorRequired]
    public string Url { get; set; } = "";

    /// <summary>The text of the button.</summary>
    [Parameter]
    public string Label { get; set; } = "Upload";

    /// <summary>Identifies the form to tests.</summary>
    [Parameter]
    public string TestId { get; set; } = "upload";

    /// <summary>Raised with what the API answered when it took the upload.</summary>
    [Parameter]
    public EventCallback<JsonElement> OnUploaded { get; set; }

    /// <summary>Raised with the faults by field when it refused.</summary>
    [Parameter]
    public EventCallback<IReadOnlyDictionary<string, string[]>> OnRefused { get; set; }

    /// <summary>Fields that show their own faults.</summary>
    [Parameter]
    public IReadOnlyCollection<string> Placed { get; set; } = [];

    /// <summary>Whether a field shows a fault that the server need not be asked about: nothing is sent then.</summary>
    [Parameter]
    public bool Blocked { get; set; }

    /// <summary>The fields.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Inject]
    private IJSRuntime JS { get; set; } = default!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        self?.Dispose();
        await module.DisposeQuietlyAsync();
    }

    /// <summary>Called by the script, at most a few times a second.</summary>
    [JSInvokable]
    public void OnProgress(long sentBytes, long totalBytes)
    {
        (sent, total) = (sentBytes, totalBytes);
        StateHasChanged();
    }

    /// <summary>Called by the script when the server has answered; status 0 when it did not.</summary>
    [JSInvokable]
    public async Task OnFinished(int status, string body)
    {
        (busy, sent, total) = (false, 0, 0);
        if (status is 200 or 201)
        {
            refusal = null;
            await OnRefused.InvokeAsync(new Dictionary<string, string[]>());
            await OnUploaded.InvokeAsync(JsonSerializer.Deserialize<JsonElement>(body));
        }
        else
        {
            await RefuseAsync(status, body);
        }

        StateHasChanged();
    }

    private async Task StartAsync()
    {
        if (busy)
        {
            return;
        }

        if (Blocked)
        {
            refusal = Marked;
            return;
        }

        (busy, refusal) = (true, null);
        module ??= await JS.InvokeAsync<IJSObjectReference>("import", "/js/upload.js");
        self ??= DotNetObjectReference.Create(this);
        await module.InvokeVoidAsync("start", form, Url, self);
    }

    private bool IsPlaced(string path) => Placed.Any(f => path == f || (path.StartsWith(f, StringComparison.Ordinal) && path[f.Length] is '.' or '['));

    private async Task AbortAsync()
    {
        if (module is not null)
        {
            await module.InvokeVoidAsync("abort", form);
        }
    }

    private async Task RefuseAsync(int status, string body)
    {
        var errors = new Dictionary<string, string[]>();
        refusal = status switch
        {
            -1 => "The upload was cancelled.",
            0 => "The server did not answer. Check that it runs, then try again.",
            _ => $"The server refused the upload (status {status}).",
        };
        try
        {
            var problem = JsonSerializer.Deserialize<JsonElement>(body);
            if (problem.TryGetProperty("detail", out var detail) && detail.GetString() is { Length: > 0 } text)
            {
                refusal = text;
            }

            if (problem.TryGetProperty("errors", out var fields))
            {
                errors = fields.EnumerateObject().ToDictionary(f => f.Name, f => f.Value.EnumerateArray().Select(w => w.GetString() ?? "").ToArray());
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Not a problem document: the sentence above stands.
        }

        if (errors.Count > 0 && errors.Keys.All(IsPlaced))
        {
            refusal = Marked;
        }
        else if (errors.Count > 1)
        {
            refusal = string.Join(" ", errors.Select(e => $"{e.Key}: {string.Join(" ", e.Value)}"));
        }

        await OnRefused.InvokeAsync(errors);
    }
}
