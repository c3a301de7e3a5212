using System.Diagnostics;
using InteractionLab.Server.Api;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Net.Http.Headers;

namespace InteractionLab.Server.Errors;

/// <summary>Every error of the API as problem+json (RFC 9457), and none with a stack trace.</summary>
internal static class ErrorsFeature
{
    public static IServiceCollection AddErrors(this IServiceCollection services)
    {
        services.AddExceptionHandler<FaultHandler>();
        // A request that cannot be bound throws in every environment, so that FaultHandler words all of them.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services.AddProblemDetails();
    }

    /// <summary>Goes first: it turns what the rest throws, and empty error answers of the API, into problems.</summary>
    public static IApplicationBuilder UseErrors(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        return app.UseWhen(context => IsApi(context.Request.Path), api => api.Use(WordRangesAsync).UseStatusCodePages(context => WriteEmptyAsync(context.HttpContext)));
    }

    /// <summary>Answers a path of the API that nobody else answers, so that it is not given a page.</summary>
    public static IEndpointRouteBuilder MapApiNotFound(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapFallback("/api/{*path}", AnswerUnmatchedAsync).ExcludeFromDescription();
        endpoints.MapFallback("/openapi/{*path}", AnswerUnmatchedAsync).ExcludeFromDescription();
        return endpoints;
    }

    // A file answers a range outside of it with a length of nothing, which the status code pages take for a body.
    private static async Task WordRangesAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response is { StatusCode: StatusCodes.Status416RangeNotSatisfiable, HasStarted: false } response)
        {
            response.ContentLength = null;
            response.Headers.Remove(HeaderNames.ContentDisposition);
            response.Headers.Remove(HeaderNames.ETag);
            await WriteEmptyAsync(context);
        }
    }

    // The fallback takes what routing would have answered with 405 or 415, so it has to tell these from a 404 itself.
    private static Task AnswerUnmatchedAsync(HttpContext context, EndpointDataSource endpoints)
    {
        var methods = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>() is not null && Matches(e.RoutePattern, context.Request.Path))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            .Concat(HeadRequests.Takes(context.Request.Path) ? [HttpMethods.Head] : [])
            .Distinct().Order(StringComparer.Ordinal).ToList();
        if (!methods.Contains(HttpMethods.Get))
        {
            methods.Remove(HttpMethods.Head);
        }

        context.Response.StatusCode = methods.Count == 0 ? StatusCodes.Status404NotFound
            : methods.Contains(context.Request.Method) ? StatusCodes.Status415UnsupportedMediaType
            : StatusCodes.Status405MethodNotAllowed;
        if (context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = string.Join(", ", methods);
        }

        return context.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType && HasNothing(context.Request)
            ? WriteAsync(context, Fault.From(new InvalidInputException("body", "is missing; this call takes one")))
            : WriteEmptyAsync(context);
    }

    private static bool HasNothing(HttpRequest request) =>
        request.ContentType is null && (request.ContentLength ?? 0) == 0 && request.Headers.TransferEncoding.Count == 0;

    private static bool Matches(RoutePattern pattern, PathString path) =>
        new TemplateMatcher(new RouteTemplate(pattern), []).TryMatch(path, []);

    /// <summary>Whether a path belongs to programs rather than to people.</summary>
    public static bool IsApi(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi") || path.StartsWithSegments("/health") || path.StartsWithSegments("/alive");

    /// <summary>Writes a fault as the answer.</summary>
    public static Task WriteAsync(HttpContext context, Fault fault)
    {
        context.Response.StatusCode = fault.Status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(Problem(context, fault), options: null, "application/problem+json", context.RequestAborted);
    }

    private static readonly IReadOnlyDictionary<string, string[]> NoErrors = new Dictionary<string, string[]>();

    private static ProblemDetails Problem(HttpContext context, Fault fault)
    {
        var problem = new ProblemDetails { Status = fault.Status, Title = fault.Title, Detail = fault.Detail, Type = "about:blank" };
        if (fault.Errors.Count > 0)
        {
            problem.Extensions["errors"] = fault.Errors;
        }

        problem.Extensions["traceId"] = Activity.Current?.Id ?? context.TraceIdentifier;
        return problem;
    }

    private static Task WriteEmptyAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var detail = status switch
        {
            404 => $"There is nothing at {context.Request.Path}.",
            405 => $"{context.Request.Method} is not one of the methods of {context.Request.Path}: {context.Response.Headers.Allow}.",
            413 => Fault.LargerThanTaken,
            415 => "The media type of the request is not one this call takes.",
            416 => $"The range lies outside the file: {context.Response.Headers.ContentRange}.",
            _ => Fault.TitleOf(status) + ".",
        };
        return WriteAsync(context, new(status, Fault.TitleOf(status), detail, NoErrors));
    }
}

/// <summary>Words what was thrown.</summary>
internal sealed partial class FaultHandler(ILogger<FaultHandler> log) : IExceptionHandler
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; nobody reads an answer.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var fault = Fault.From(exception);
        if (fault.Status >= 500)
        {
            LogFailed(log, exception, httpContext.Request.Method, httpContext.Request.Path);
        }

        await ErrorsFeature.WriteAsync(httpContext, fault);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception error, string method, string path);
}
