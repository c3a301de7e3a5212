using System.Reflection;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Torch;
using InteractionLab.Server.Api;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Status;

/// <summary>A runtime that executes models.</summary>
internal sealed record ExecutorView(string Name, string Version, IReadOnlyList<RuntimeDevice> Devices);

/// <summary>A kind of experiment.</summary>
internal sealed record ExperimentKindView(string Kind, string Title, string Description);

/// <summary>What the server takes, and how it shares the machine: <c>threads</c> is what each of <c>parallelJobs</c> gets of the processors.</summary>
internal sealed record LimitsView(long MaxModelBytes, long MaxDatasetBytes, int MaxDatasetFiles, int MaxZipEntries, long MaxUnpackedBytes, long MaxRequestBytes, long MaxForwardPasses, int MaxQueuedJobs, int ParallelJobs, int Processors, int Threads, long? GpuMemoryBytes);

/// <summary>What this server is.</summary>
/// <param name="Version">Version of the program.</param>
/// <param name="Executors">Runtimes and the devices they find.</param>
/// <param name="Kinds">Names of the kinds of experiment.</param>
/// <param name="Experiments">The kinds with their descriptions.</param>
/// <param name="DatasetFormats">Formats of dataset uploads.</param>
/// <param name="Limits">What it takes.</param>
internal sealed record SystemView(string Version, IReadOnlyList<ExecutorView> Executors, IReadOnlyList<string> Kinds, IReadOnlyList<ExperimentKindView> Experiments, IReadOnlyList<string> DatasetFormats, LimitsView Limits);

/// <summary>How the server is.</summary>
/// <param name="Status"><c>ok</c> where all of the following is well, else <c>failing</c>.</param>
/// <param name="Store"><c>ok</c> or <c>failing</c>.</param>
/// <param name="Queue"><c>running</c>, or what it is instead.</param>
/// <param name="Disk"><c>ok</c> or <c>full</c>: whether there is space for new things.</param>
/// <param name="QueuedJobs">Jobs that wait; null where the store fails.</param>
/// <param name="RunningJobs">Jobs that run.</param>
internal sealed record HealthView(string Status, string Store, string Queue, string Disk, int? QueuedJobs, int RunningJobs);

/// <summary>What the server is and how it is.</summary>
internal sealed partial class StatusService(ExperimentRegistry experiments, IDbContextFactory<LabDb> store, IJobQueue queue, RunningJobs running, DiskReserve disk, IOptions<LabOptions> options, ILogger<StatusService> log)
{
    private readonly Lazy<IReadOnlyList<ExecutorView>> _executors = new(() => ReadExecutors(log));

    /// <summary>The version of the program.</summary>
    public static string Version { get; } =
        typeof(StatusService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What the server is.</summary>
    public SystemView System()
    {
        var o = options.Value;
        return new(
            Version,
            _executors.Value,
            [.. experiments.All.Select(e => e.Kind)],
            [.. experiments.All.Select(e => new ExperimentKindView(e.Kind, e.Title, e.Description))],
            DatasetImporter.Formats,
            new(o.MaxModelBytes, o.MaxDatasetBytes, o.MaxDatasetFiles, o.MaxZipEntries, o.MaxUnpackedBytes, o.MaxRequestBytes, o.MaxForwardPasses, o.MaxQueuedJobs, o.ParallelJobs, ProcessorShare.Processors, ProcessorShare.Threads, DeviceMemory.GpuLimit));
    }

    /// <summary>How the server is.</summary>
    public async Task<HealthView> HealthAsync(CancellationToken cancellation)
    {
        var queued = await CountQueuedAsync(cancellation);
        var room = disk.HasRoom();
        var good = queued is not null && queue.State == "running" && room;
        return new(good ? "ok" : "failing", queued is null ? "failing" : "ok", queue.State, room ? "ok" : "full", queued, running.Count);
    }

    private static List<ExecutorView> ReadExecutors(ILogger log)
    {
        var onnxRuntime = OnnxRuntimeInfo.Read();
        List<ExecutorView> executors = [new("onnxruntime", onnxRuntime.Version, onnxRuntime.Devices)];
        if (TorchInfo.Read(out var missing) is { } torch)
        {
            executors.Add(new("torch", torch.Version, torch.Devices));
        }
        else
        {
            LogNoTorch(log, missing!);
        }

        return executors;
    }

    private async Task<int?> CountQueuedAsync(CancellationToken cancellation)
    {
        try
        {
            await using var db = await store.CreateDbContextAsync(cancellation);
            return await db.Jobs.CountAsync(j => j.State == "queued", cancellation);
        }
#pragma warning disable CA1031 // Whatever is wrong with the store is the answer.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogStoreFails(log, error);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The executor 'torch' is not available: {Reason}")]
    private static partial void LogNoTorch(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store does not answer")]
    private static partial void LogStoreFails(ILogger logger, Exception error);
}

/// <summary>The calls on the server itself.</summary>
internal static class StatusFeature
{
    public static IServiceCollection AddStatus(this IServiceCollection services) => services.AddSingleton<StatusService>();

    public static IEndpointRouteBuilder MapStatus(this IEndpointRouteBuilder api)
    {
        api.MapGet("/system", SystemAsync).WithTags("System").WithSummary("Version, executors and devices, kinds of experiment, limits.").OnlyQuery();
        return api;
    }

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/alive", Alive).WithTags("System").WithSummary("Whether the process answers.");
        endpoints.MapGet("/health", HealthAsync).WithTags("System").WithSummary("Whether store and queue work, and the disk has space; 503 where not.");
        return endpoints;
    }

    private static ContentHttpResult Alive() => TypedResults.Text("alive");

    private static async Task<Results<Ok<HealthView>, JsonHttpResult<HealthView>>> HealthAsync(StatusService status, HttpResponse response, CancellationToken cancellation)
    {
        response.Headers.CacheControl = "no-store";
        var health = await status.HealthAsync(cancellation);
        return health.Status == "ok" ? TypedResults.Ok(health) : TypedResults.Json(health, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static Task<Ok<SystemView>> SystemAsync(StatusService status, CancellationToken cancellation) =>
        // The first call loads native libraries.
        Task.Run(() => TypedResults.Ok(status.System()), cancellation);
}
