using Microsoft.Net.Http.Headers;

namespace InteractionLab.Server.Api;

/// <summary>
/// Answers HEAD with the headers of GET, on every call of the API but the one that never ends. The server itself drops
/// the body, by the method the request came with.
/// </summary>
internal static class HeadRequests
{
    public static IApplicationBuilder UseHeadRequests(this IApplicationBuilder app) => app.Use(AnswerAsGetAsync);

    /// <summary>Whether HEAD of this path is answered as GET is.</summary>
    public static bool Takes(PathString path) => Errors.ErrorsFeature.IsApi(path) && !path.Value!.EndsWith("/events", StringComparison.OrdinalIgnoreCase);

    private static async Task AnswerAsGetAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!HttpMethods.IsHead(request.Method) || !Takes(request.Path))
        {
            await next(context);
            return;
        }

        request.Method = HttpMethods.Get;
        // Ranges are a matter of GET alone (RFC 9110, section 14.2).
        request.Headers.Remove(HeaderNames.Range);
        try
        {
            await next(context);
        }
        finally
        {
            request.Method = HttpMethods.Head;
        }
    }
}
