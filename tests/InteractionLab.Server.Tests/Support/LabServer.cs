using System.Net.Http.Json;
using System.Text.Json;
using InteractionLab.Experiments;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace InteractionLab.Server.Tests.Support;

/// <summary>A real server: Kestrel on a free port, SQLite in a folder of its own, a counting experiment beside the real ones.</summary>
internal sealed class LabServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _ownsData;

    private LabServer(WebApplication app, string data, bool ownsData, ErrorLog errors)
    {
        Errors = errors.Lines;
        _app = app;
        _ownsData = ownsData;
        Data = data;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
    }

    public HttpClient Client { get; }

    public string Data { get; }

    /// <summary>What the server logged as an error.</summary>
    public IReadOnlyCollection<string> Errors { get; }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static Task<LabServer> StartAsync(params string[] options) => StartOnAsync(NewFolder(), ownsData: true, options);

    public static Task<LabServer> StartOnAsync(string data, bool ownsData, params string[] options) => StartOnAsync(data, ownsData, _ => { }, options);

    /// <summary>Starts a server some of whose services a test replaces.</summary>
    public static async Task<LabServer> StartOnAsync(string data, bool ownsData, Action<WebApplicationBuilder> configure, params string[] options)
    {
        var errors = new ErrorLog();
        var app = LabApplication.Build(["--urls", "http://127.0.0.1:0", "--data", data, .. options], builder =>
        {
            builder.Logging.ClearProviders().AddProvider(errors);
            builder.Services.AddSingleton<IExperiment, CountingExperiment>();
            configure(builder);
        });
        try
        {
            await app.StartAsync();
            return new LabServer(app, data, ownsData, errors);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("lab-test-").FullName;

    /// <summary>What a process that is killed now leaves on disk, as a folder of its own.</summary>
    public string Snapshot()
    {
        var copy = NewFolder();
        foreach (var file in Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is not ("lab.lock" or "reserve")))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = body is null ? null : JsonContent.Create(body);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await Client.SendAsync(request);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.Clone());
    }

    /// <summary>Queues a counting job and returns its id.</summary>
    public async Task<string> SubmitAsync(object spec)
    {
        var (status, job) = await PostAsync("/api/v1/jobs", new { kind = "counting", spec });
        Assert.True(status == 202, job.ToString());
        return job.GetProperty("id").GetString()!;
    }

    public Task<JsonElement> JobAsync(string id) => GetJsonAsync($"/api/v1/jobs/{id}");

    /// <summary>Waits until a job is in one of the states.</summary>
    public async Task<JsonElement> WaitAsync(string id, params string[] states)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            var job = await JobAsync(id);
            if (states.Contains(job.GetProperty("state").GetString()))
            {
                return job;
            }

            Assert.True(DateTime.UtcNow < deadline, $"waited for {string.Join(" or ", states)}: {job}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsData)
        {
            Directory.Delete(Data, recursive: true);
        }
    }
}
