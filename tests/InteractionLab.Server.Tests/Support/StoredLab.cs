using System.Text;
using System.Text.Json;
using InteractionLab.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace InteractionLab.Server.Tests.Support;

/// <summary>A data directory with a model, a dataset, a job that succeeded and one that failed, and what the server answers of them.</summary>
internal sealed class StoredLab
{
    public const string Table = "a,b,label\n1,2,0\n3,4,1\n5,6,0\n";

    private static readonly string[] Lists = ["/api/v1/models", "/api/v1/datasets", "/api/v1/jobs"];

    public required string Data { get; init; }

    public required string Model { get; init; }

    public required string Dataset { get; init; }

    public required string Job { get; init; }

    public required string Failed { get; init; }

    /// <summary>Answers by path.</summary>
    public required IReadOnlyDictionary<string, string> Answers { get; init; }

    public static async Task<StoredLab> CreateAsync()
    {
        var data = LabServer.NewFolder();
        await using var server = await LabServer.StartOnAsync(data, ownsData: false);
        var model = await AddModelAsync(server, TinyModel.Bytes());
        var dataset = await AddTableAsync(server, Table);
        var job = await server.SubmitAsync(new { cells = 3, model });
        await server.WaitAsync(job, "succeeded");
        var gate = Guid.NewGuid().ToString();
        Gate.Of(gate).Open();
        var failed = await server.SubmitAsync(new { cells = 4, gate, failAt = 2 });
        await server.WaitAsync(failed, "failed");
        string[] paths = [.. Lists, $"/api/v1/jobs/{job}/result", $"/api/v1/jobs/{job}/artifacts", $"/api/v1/jobs/{failed}/result?partial=true", $"/api/v1/datasets/{dataset}/samples/1"];
        var answers = new Dictionary<string, string>();
        foreach (var path in paths)
        {
            answers[path] = await server.Client.GetStringAsync(path);
        }

        return new StoredLab { Data = data, Model = model, Dataset = dataset, Job = job, Failed = failed, Answers = answers };
    }

    /// <summary>Everything that was there is answered as before.</summary>
    public async Task SameAsync(LabServer server)
    {
        foreach (var (path, answer) in Answers)
        {
            Assert.Equal(answer, await server.Client.GetStringAsync(path));
        }

        Assert.Equal(TinyModel.Bytes(), await server.Client.GetByteArrayAsync($"/api/v1/models/{Model}/file"));
        Assert.NotEmpty(await server.Client.GetByteArrayAsync($"/api/v1/jobs/{Job}/artifacts/values.bin"));
    }

    /// <summary>Paths of all stored files but for the database, the queue and what is derived, with their hashes.</summary>
    public static Dictionary<string, string> Files(string data) =>
        new[] { "files", "datasets", "jobs" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(data, folder), "*", SearchOption.AllDirectories))
            .ToDictionary(path => Path.GetRelativePath(data, path), path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));

    public static async Task<string> AddModelAsync(LabServer server, byte[] bytes)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "file", "tiny.onnx" } };
        return await IdAsync(await server.Client.PostAsync("/api/v1/models", form));
    }

    public static async Task<string> AddTableAsync(LabServer server, string csv)
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes(csv)), "files", "table.csv" },
            { new StringContent("csv"), "format" },
            { new StringContent("""{"label":"label"}"""), "options" },
        };
        return await IdAsync(await server.Client.PostAsync("/api/v1/datasets", form));
    }

    /// <summary>Runs a command of the program on a data directory and returns what it says.</summary>
    public static async Task<string> CommandAsync(string data, string name, string? file = null)
    {
        await using var app = LabApplication.Build(["--data", data], builder => builder.Logging.ClearProviders());
        using var report = new StringWriter();
        await LabApplication.ObeyAsync(app.Services, new LabCommand(name, file), report);
        return report.ToString();
    }

    private static async Task<string> IdAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, text);
            return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
        }
    }
}
