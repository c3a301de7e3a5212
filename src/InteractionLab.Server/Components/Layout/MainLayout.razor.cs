using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace InteractionLab.Server.Components.Layout;

/// <summary>Top bar, side navigation and the boundary that turns a failed page into a calm message.</summary>
public sealed partial class MainLayout : IDisposable
{
    private ErrorBoundary? boundary;
    private bool menuOpen;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string SkipHref => new Uri(Navigation.Uri).PathAndQuery.TrimStart('/') + "#content";

    /// <inheritdoc/>
    public void Dispose() => Navigation.LocationChanged -= OnLocationChanged;

    /// <inheritdoc/>
    protected override void OnInitialized() => Navigation.LocationChanged += OnLocationChanged;

    // Leaving a page that failed must not leave the failure on the next one.
    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(() =>
    {
        boundary?.Recover();
        StateHasChanged();
    });

    private void Recover() => boundary?.Recover();

    private void ToggleMenu() => menuOpen = !menuOpen;

    private void CloseMenu() => menuOpen = false;

    private void CloseOnEscape(KeyboardEventArgs e) => menuOpen &= e.Key != "Escape";
}
