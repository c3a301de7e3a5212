using InteractionLab.Experiments;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Errors;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Api;

/// <summary>What all calls of the API share: JSON, limits, problems, description.</summary>
internal static class ApiFeature
{
    /// <summary>The rate limiter's policy of uploads.</summary>
    public const string Uploads = "uploads";

    private static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => LabJson.Configure(json.SerializerOptions));
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LabOptions>>((kestrel, lab) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = lab.Value.MaxRequestBytes;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(lab.Value.MinUploadBytesPerSecond, SlowStart);
        });
        services.AddRateLimiter(limiter => limiter.OnRejected = async (context, _) =>
            await ErrorsFeature.WriteAsync(context.HttpContext, Fault.From(new BusyException("Too many uploads are waiting; try again."))));
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<LabOptions>>((limiter, lab) =>
            limiter.AddConcurrencyLimiter(Uploads, uploads =>
            {
                uploads.PermitLimit = lab.Value.ParallelUploads;
                uploads.QueueLimit = 256;
            }));
        return services.AddLabOpenApi();
    }

    /// <summary>The group of all calls.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup("/api/v1").ProducesProblem(StatusCodes.Status500InternalServerError);

    /// <summary>Says in the description that a call answers with problems of these statuses.</summary>
    public static RouteHandlerBuilder Problems(this RouteHandlerBuilder builder, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            builder.ProducesProblem(status);
        }

        return builder;
    }
}
