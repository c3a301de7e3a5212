using InteractionLab.Server.Components.Overview;
using InteractionLab.Server.Components.Results;
using InteractionLab.Server.Components.Results.Bottleneck;
using InteractionLab.Server.Components.Results.Dynamics;
using InteractionLab.Server.Components.Results.Macro;
using InteractionLab.Server.Components.Results.Modulation;
using InteractionLab.Server.Components.Results.Study;
using InteractionLab.Server.Components.Results.Sweep;
using InteractionLab.Server.Components.Results.Training;
using InteractionLab.Server.Components.Results.Views;
using Microsoft.AspNetCore.Http.HttpResults;
using Radzen;

namespace InteractionLab.Server.Components;

/// <summary>The browser dashboard.</summary>
internal static class DashboardModule
{
    // Tables of games are pasted into a form: one of 2^16 values is a little over 1 MB of text. Files never come this way.
    private const long LargestMessage = 8L << 20;

    // A machine that computes answers late; a page that is given up for it comes back blank. The browser waits as long (boot.js).
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Registers what the pages need.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub =>
        {
            hub.MaximumReceiveMessageSize = LargestMessage;
            hub.ClientTimeoutInterval = Patience;
            hub.HandshakeTimeout = Patience;
        });
        services.AddRadzenComponents();
        services.AddSingleton<OverviewReader>();
        services.AddSingleton<ReportReader>();
        services.AddSingleton<JobDatasets>();
        services.AddSingleton<ResultViews>();
        services.AddSingleton<IResultView, GamesResultView>();
        services.AddSingleton<IResultView, TrainingResultView>();
        services.AddSingleton<IResultView, SweepResultView>();
        services.AddSingleton<IResultView, DynamicsResultView>();
        services.AddSingleton<IResultView, StudyResultView>();
        services.AddSingleton<IResultView, BottleneckResultView>();
        services.AddSingleton<IResultView, MacroResultView>();
        services.AddSingleton<IResultView, ModulationResultView>();
        return services;
    }

    /// <summary>Maps the pages, their hub, and the not-found page for everything that nobody else answers.</summary>
    public static IEndpointRouteBuilder MapDashboard(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        endpoints.MapFallback("{*path:nonfile}", NotFoundPage).ExcludeFromDescription();
        return endpoints;
    }

    // The document is the same for every address; the router in it shows the not-found page. Only the status differs.
    private static RazorComponentResult<App> NotFoundPage() => new() { StatusCode = StatusCodes.Status404NotFound };
}
