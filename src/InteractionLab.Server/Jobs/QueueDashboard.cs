using Hangfire;
using Hangfire.Dashboard;

namespace InteractionLab.Server.Jobs;

/// <summary>
/// Hangfire's own pages at <c>/hangfire</c>: what the queue carries and who carries it. For this machine only, and to read
/// only: what would be changed there would go around the jobs table.
/// </summary>
internal static class QueueDashboard
{
    private const string Path = "/hangfire";

    public static IEndpointRouteBuilder MapQueueDashboard(this IEndpointRouteBuilder endpoints)
    {
        var options = new DashboardOptions
        {
            Authorization = [new ThisMachineOnly()],
            IsReadOnlyFunc = _ => true,
            DashboardTitle = "InteractionLab queue",
            DisplayStorageConnectionString = false,
            AppPath = "/",
        };
        var pages = endpoints.CreateApplicationBuilder();
        pages.UsePathBase(Path);

        // The storage is opened when the data directory is taken, which it is not yet while pages are mapped.
        pages.Use(next => context => new AspNetCoreDashboardMiddleware(next, context.RequestServices.GetRequiredService<QueueStorage>().Value, options, DashboardRoutes.Routes).Invoke(context));
        endpoints.Map(Path + "/{**path}", pages.Build()).ExcludeFromDescription();
        return endpoints;
    }

    /// <summary>Requests from this machine that nobody forwarded: behind a proxy every request comes from this machine.</summary>
    private sealed class ThisMachineOnly : IDashboardAuthorizationFilter
    {
        private static readonly string[] Forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];
        private readonly LocalRequestsOnlyAuthorizationFilter _local = new();

        public bool Authorize(DashboardContext context)
        {
            var headers = context.GetHttpContext().Request.Headers;
            return _local.Authorize(context) && !Forwarding.Any(headers.ContainsKey);
        }
    }
}
