using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Server.Components.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The one wrapper of plotly: draws a <see cref="ChartSpec"/>, updates it in place, exports and disposes it.</summary>
public sealed partial class PlotChart : IAsyncDisposable
{
    private const int EmptyHeight = 160;

    private ElementReference element;
    private IJSObjectReference? module;
    private ChartSpec? shown;
    private bool drawn;
    private bool failed;
    private bool disposed;

    /// <summary>Heading of the chart.</summary>
    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>What the chart says, for those who do not see it.</summary>
    [Parameter]
    public string? Description { get; set; }

    /// <summary>File name of an export, without extension.</summary>
    [Parameter]
    public string FileName { get; set; } = "chart";

    /// <summary>Height in CSS pixels.</summary>
    [Parameter]
    public int Height { get; set; } = 340;

    /// <summary>Whether it stands among small multiples: without a heading and tools of its own.</summary>
    [Parameter]
    public bool Compact { get; set; }

    /// <summary>Where the numbers are as CSV.</summary>
    [Parameter]
    public string? CsvHref { get; set; }

    /// <summary>Identifies the chart to tests.</summary>
    [Parameter]
    public string? TestId { get; set; }

    /// <summary>Controls beside the export buttons.</summary>
    [Parameter]
    public RenderFragment? Tools { get; set; }

    /// <summary>A note under the chart.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>What is drawn; compared by reference.</summary>
    [Parameter, EditorRequired]
    public object? Spec { get; set; }

    private string? Empty => (Spec as ChartSpec)?.Empty;

    [Inject]
    private IJSRuntime JS { get; set; } = default!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        disposed = true;
        if (module is not null)
        {
            try
            {
                await module.InvokeVoidAsync("dispose", element);
            }
            catch (JSDisconnectedException)
            {
            }
        }

        await module.DisposeQuietlyAsync();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (Spec is not ChartSpec spec || ReferenceEquals(spec, shown))
        {
            return;
        }

        shown = spec;
        if (spec.Empty is not null)
        {
            if (drawn)
            {
                drawn = false;
                StateHasChanged();
            }

            return;
        }

        try
        {
            module ??= await JS.InvokeAsync<IJSObjectReference>("import", "/js/chart.js");
            if (!disposed)
            {
                // Through the lab's JSON, in which what is not finite is null: the interop's own would refuse it.
                await module.InvokeVoidAsync("draw", element, JsonSerializer.SerializeToElement(spec.Traces, LabJson.Options), JsonSerializer.SerializeToElement(spec.Layout, LabJson.Options));
                drawn = true;
                failed = false;
            }
        }
        catch (JSException)
        {
            failed = true;
        }
        catch (JSDisconnectedException)
        {
            return;
        }
        catch (TaskCanceledException)
        {
            // The page is gone, or its browser has not answered in the time a call may take: waiting on would be for ever.
            failed = true;
        }

        if (!disposed)
        {
            StateHasChanged();
        }
    }

    private async Task ExportAsync(string format)
    {
        if (module is not null && drawn)
        {
            await module.InvokeVoidAsync("save", element, format, FileName);
        }
    }
}
