using System.Net;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Errors;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Security;

/// <summary>
/// What protects a server without a login that browsers on the same machine can reach: other sites may neither frame it,
/// nor write to it, nor reach it under a host name of theirs.
/// </summary>
internal static class SecurityFeature
{
    // Blazor's script and the pages' own are files; Radzen and plotly set styles on elements.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static IServiceCollection AddSecurity(this IServiceCollection services) => services.AddSingleton<AllowedHosts>().AddHostedService<ExposureWarning>();

    public static IApplicationBuilder UseSecurity(this IApplicationBuilder app) =>
        app.Use(SetHeaders).Use(CheckHost).Use(CheckOrigin);

    private static Task SetHeaders(HttpContext context, RequestDelegate next)
    {
        // Set when the answer starts: an error page clears what was set before.
        context.Response.OnStarting(
            static state =>
            {
                var headers = ((HttpContext)state).Response.Headers;
                headers.ContentSecurityPolicy = ContentSecurityPolicy;
                headers.XContentTypeOptions = "nosniff";
                headers.XFrameOptions = "DENY";
                headers["Referrer-Policy"] = "same-origin";
                headers["Cross-Origin-Opener-Policy"] = "same-origin";
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }

    private static Task CheckHost(HttpContext context, RequestDelegate next) =>
        context.RequestServices.GetRequiredService<AllowedHosts>().Allows(context.Request.Host)
            ? next(context)
            : Refuse(context, StatusCodes.Status421MisdirectedRequest, "This server is not known by that host name. Lab:Hosts adds one.");

    /// <summary>Refuses what another site's page makes a browser send: anything that writes, and the dashboard's socket.</summary>
    private static Task CheckOrigin(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var safe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        return (safe && !request.Path.StartsWithSegments("/_blazor")) || IsOwn(request)
            ? next(context)
            : Refuse(context, StatusCodes.Status403Forbidden, "Requests that another site makes a browser send are refused.");
    }

    private static bool IsOwn(HttpRequest request)
    {
        // Browsers set both headers and pages cannot; programs set neither.
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site != "same-origin" && site != "none")
        {
            return false;
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static Task Refuse(HttpContext context, int status, string why) =>
        ErrorsFeature.WriteAsync(context, new Fault(status, Fault.TitleOf(status), why, new Dictionary<string, string[]>()));
}

/// <summary>
/// The host names the server answers to. While it listens on loopback only these are loopback's own, so that a page of
/// another site that makes its name resolve to 127.0.0.1 gets nothing.
/// </summary>
internal sealed class AllowedHosts(IServer server, IOptions<LabOptions> options)
{
    private static readonly string[] Own = ["localhost", "127.0.0.1", "[::1]"];
    private readonly Lazy<bool> _loopbackOnly = new(() => Addresses(server).All(IsLoopback));

    /// <summary>Whether only this machine reaches the server.</summary>
    public bool LoopbackOnly => _loopbackOnly.Value;

    /// <summary>Whether a request for a host is answered.</summary>
    public bool Allows(HostString host) =>
        (!LoopbackOnly && options.Value.Hosts.Length == 0)
        || Own.Contains(host.Host, StringComparer.OrdinalIgnoreCase)
        || options.Value.Hosts.Contains(host.Host, StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the server listens.</summary>
    public static ICollection<string> Addresses(IServer server) => server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    private static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host;
        return string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}

/// <summary>Says at start when others than this machine can reach the server.</summary>
internal sealed partial class ExposureWarning(IServer server, AllowedHosts hosts, IHostApplicationLifetime lifetime, ILogger<ExposureWarning> log) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            if (!hosts.LoopbackOnly)
            {
                LogExposed(log, string.Join(", ", AllowedHosts.Addresses(server)));
            }
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Listening on {Addresses}, beyond this machine. There is no login: everyone who reaches this address can read, queue and delete.")]
    private static partial void LogExposed(ILogger logger, string addresses);
}
