using InteractionLab.Server.Components.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace InteractionLab.Server.Components.Layout;

/// <summary>Moves between the system's theme, light and dark; the choice is kept in a cookie for the next visit.</summary>
public sealed partial class ThemeSwitch : IAsyncDisposable
{
    private IJSObjectReference? module;
    private string choice = ThemeChoice.System;

    [Inject]
    private IJSRuntime JS { get; set; } = default!;

    private string Name => choice switch { ThemeChoice.Light => "light", ThemeChoice.Dark => "dark", _ => "as the system" };

    private string Icon => choice switch { ThemeChoice.Light => "light_mode", ThemeChoice.Dark => "dark_mode", _ => "contrast" };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await module.DisposeQuietlyAsync();

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            module = await JS.InvokeAsync<IJSObjectReference>("import", "/js/theme.js");
            choice = ThemeChoice.Parse(await module.InvokeAsync<string>("current"));
            StateHasChanged();
        }
    }

    private async Task NextAsync()
    {
        choice = ThemeChoice.Next(choice);
        if (module is not null)
        {
            await module.InvokeVoidAsync("choose", choice);
        }
    }
}
