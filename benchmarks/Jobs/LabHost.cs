using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime;
using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace InteractionLab.Benchmarks.Jobs;

/// <summary>A job that was run: its result, and the seconds from its submission to its end.</summary>
internal sealed record RunJob(JsonElement Result, double Seconds)
{
    /// <summary>Forward passes that the job ran.</summary>
    public long Passes => Result.GetProperty("forwardPasses").GetInt64();

    /// <summary>Forward passes that it found.</summary>
    public long Saved => Result.GetProperty("savedPasses").GetInt64();
}

/// <summary>The server in this process, with a store on disk in a folder of its own that goes at the end.</summary>
internal sealed class LabHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Question = TimeSpan.FromMilliseconds(200);
    private readonly WebApplication _app;
    private readonly HttpClient _client;
    private readonly string _data;

    private LabHost(WebApplication app, string data)
    {
        (_app, _data) = (app, data);
        _client = new HttpClient { BaseAddress = new Uri(new Uri(app.Urls.First()), "/api/v1/"), Timeout = Patience };
    }

    /// <summary>Starts a server.</summary>
    /// <param name="options">As on its command line.</param>
    public static async Task<LabHost> StartAsync(params string[] options)
    {
        var data = Directory.CreateTempSubdirectory("lab-benchmark-").FullName;
        var app = LabApplication.Build(["--urls", "http://127.0.0.1:0", "--data", data, .. options], builder => builder.Logging.ClearProviders());
        await app.StartAsync();
        return new LabHost(app, data);
    }

    /// <summary>Uploads a model of the shared folder; gives its id.</summary>
    public Task<string> AddModelAsync(string name) => UploadAsync("models", [("file", SharedFile("models", name + ".onnx"))], []);

    /// <summary>Uploads CIFAR-10's test images; gives the dataset's id.</summary>
    public Task<string> AddCifarAsync() => UploadAsync("datasets", [("files", SharedFile("data", "cifar10", "test_batch.bin"))], [("format", "cifar10"), ("name", "cifar")]);

    /// <summary>A file of the folder <c>shared</c> beside the repository.</summary>
    public static string SharedFile(params string[] parts) =>
        Path.Combine([RealGames.Folder() ?? throw new FileNotFoundException("There is no folder 'shared' beside the repository."), .. parts]);

    /// <summary>Runs a job to its end; asks for its state rarely, as questions cost the processors that are measured.</summary>
    public async Task<RunJob> RunAsync(string kind, JsonNode spec)
    {
        using var answer = await _client.PostAsJsonAsync("jobs", new { kind, spec });
        var job = await ReadAsync(answer);
        var id = job.GetProperty("id").GetString();
        while (true)
        {
            job = await ReadAsync(await _client.GetAsync($"jobs/{id}"));
            switch (job.GetProperty("state").GetString())
            {
                case "succeeded":
                    var seconds = (Moment(job, "finishedAt") - Moment(job, "createdAt")).TotalSeconds;
                    return new RunJob(await ReadAsync(await _client.GetAsync($"jobs/{id}/result")), seconds);
                case "failed" or "cancelled":
                    throw new InvalidOperationException($"The job ended: {job}");
            }

            await Task.Delay(Question);
        }

        static DateTimeOffset Moment(JsonElement job, string field) => job.GetProperty(field).GetDateTimeOffset();
    }

    /// <summary>
    /// Runs a job until the process compiles next to nothing beside it: what is timed afterwards is a server that has been
    /// up for a while, and not the half minute in which the runtime compiles its code a second time.
    /// </summary>
    public async Task WarmAsync(string kind, JsonNode spec)
    {
        const int Most = 15;
        const double Little = 0.01;
        for (var (tries, share) = (0, 1.0); tries < Most && share > Little; tries++)
        {
            var (started, compiled) = (Stopwatch.GetTimestamp(), JitInfo.GetCompilationTime());
            await RunAsync(kind, spec.DeepClone());
            share = (JitInfo.GetCompilationTime() - compiled) / Stopwatch.GetElapsedTime(started);
        }
    }

    /// <summary>What the server expects of a job.</summary>
    public async Task<JsonElement> EstimateAsync(string kind, JsonNode spec)
    {
        using var answer = await _client.PostAsJsonAsync("jobs/estimate", new { kind, spec });
        return await ReadAsync(answer);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private async Task<string> UploadAsync(string path, (string Name, string File)[] files, (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, file) in files)
        {
            var content = new StreamContent(File.OpenRead(file));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            form.Add(content, name, Path.GetFileName(file));
        }

        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        using var answer = await _client.PostAsync(path, form);
        return (await ReadAsync(answer)).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new InvalidOperationException($"{(int)answer.StatusCode}: {text}");
    }
}
