using InteractionLab.Server.Components.Layout;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace InteractionLab.Server.Components;

/// <summary>The document: theme sheets, the boot screen, the connection overlay and the interactive root.</summary>
public partial class App
{
    // Nothing is prerendered: every page is live data, and a control that is visible is a control that works.
    private static readonly InteractiveServerRenderMode Interactive = new(prerender: false);

    [CascadingParameter]
    private HttpContext? Http { get; set; }

    private string Theme => ThemeChoice.Parse(Http?.Request.Cookies[ThemeChoice.Cookie]);

    private string LightMedia => Theme switch { ThemeChoice.Light => "all", ThemeChoice.Dark => "not all", _ => "(prefers-color-scheme: light)" };

    private string DarkMedia => Theme switch { ThemeChoice.Dark => "all", ThemeChoice.Light => "not all", _ => "(prefers-color-scheme: dark)" };
}
