using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Demo;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Models;
using InteractionLab.Server.Security;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Demo;

/// <summary>The demonstration: <c>--demo</c>.</summary>
internal static class DemoFeature
{
    public static IServiceCollection AddDemo(this IServiceCollection services) => services.AddHostedService<DemoService>();
}

/// <summary>
/// Registers the demonstration's model and data in the background after start, through the services that users use, and
/// queues one job. Starting again finds that job by its key, and computes nothing. Where the job was deleted, or its model
/// or dataset, the same model is found by its bytes and the same dataset by its name.
/// </summary>
internal sealed partial class DemoService(IDbContextFactory<LabDb> store, ModelService models, DatasetService datasets, JobService jobs, IServer server, IHostApplicationLifetime lifetime, IOptions<LabOptions> options, ILogger<DemoService> log) : BackgroundService
{
    private const int Seed = 1;
    private const string KeyWord = "demo ";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Demo)
        {
            return;
        }

        try
        {
            await StartedAsync(stoppingToken);
            var found = await FindJobAsync(stoppingToken);
            var job = found ?? (await QueueAsync(stoppingToken)).Id;
            var address = $"{AllowedHosts.Addresses(server).First().TrimEnd('/')}/jobs/{job}";
            if (found is null)
            {
                LogQueued(log, address);
            }
            else
            {
                LogFound(log, address);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; the next start with --demo goes on.
        }
#pragma warning disable CA1031 // A demonstration that fails must not take the server down; the log says why.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailed(log, error);
        }
    }

    private async Task<JobView> QueueAsync(CancellationToken cancellation)
    {
        var demo = await Task.Run(() => DemoLab.Create(Seed, null, cancellation), cancellation);
        using var onnx = new MemoryStream(demo.Onnx);
        var (model, _) = await models.AddAsync(onnx, demo.ModelName, cancellation);
        var dataset = await FindDatasetAsync(demo, cancellation) ?? await AddDatasetAsync(demo, cancellation);
        var spec = JsonSerializer.SerializeToElement(
            new
            {
                model = model.Id,
                dataset = dataset.Id,
                samples = new { count = 20, seed = Seed },
                players = new { type = "grid", rows = 4, columns = 4, select = 10, by = "random", seed = Seed },
                baseline = new { type = "dataset-mean" },
                value = new { type = "log-odds", target = "label" },
                interactions = new { solver = "certified" },
            },
            LabJson.Options);
        // The ids are in the key: a demonstration whose model or data was deleted and made again is another job.
        var (job, _) = await jobs.SubmitAsync("masked-samples", "Demonstration: what a small network sees in shapes", spec, $"{KeyWord}{model.Id} {dataset.Id}", cancellation);
        return job;
    }

    /// <summary>The id of the newest job of an earlier start whose model and dataset are there; null without one.</summary>
    private async Task<string?> FindJobAsync(CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        var candidates = await db.Jobs.AsNoTracking().Where(j => j.IdempotencyKey != null && j.IdempotencyKey.StartsWith(KeyWord))
            .OrderByDescending(j => j.Sequence).Select(j => new { j.Id, Key = j.IdempotencyKey! }).ToListAsync(cancellation);
        foreach (var candidate in candidates)
        {
            if (candidate.Key[KeyWord.Length..].Split(' ') is [var model, var dataset]
                && await db.Models.AnyAsync(m => m.Id == model, cancellation)
                && await db.Datasets.AnyAsync(d => d.Id == dataset, cancellation))
            {
                return candidate.Id;
            }
        }

        return null;
    }

    private async Task<DatasetView?> FindDatasetAsync(DemoAssets demo, CancellationToken cancellation)
    {
        string? after = null;
        do
        {
            var page = await datasets.ListAsync(null, after, cancellation);
            if (page.Items.FirstOrDefault(d => d.Name == demo.DatasetName && d.Format == demo.DatasetFormat && d.ClassNames?.SequenceEqual(demo.ClassNames) is true) is { } found)
            {
                return found;
            }

            after = page.Next;
        }
        while (after is not null);
        return null;
    }

    private async Task<DatasetView> AddDatasetAsync(DemoAssets demo, CancellationToken cancellation)
    {
        using var zip = new MemoryStream(demo.Dataset);
        return await datasets.AddAsync([new NewFile(demo.DatasetFileName, zip)], demo.DatasetFormat, demo.DatasetName, JsonSerializer.Deserialize<JsonElement>(demo.DatasetOptions, LabJson.Options), cancellation);
    }

    private async Task StartedAsync(CancellationToken cancellation)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The demonstration is queued: {Address}")]
    private static partial void LogQueued(ILogger logger, string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "The demonstration of an earlier start is here: {Address}")]
    private static partial void LogFound(ILogger logger, string address);

    [LoggerMessage(Level = LogLevel.Error, Message = "The demonstration could not be queued")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
