using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests;

/// <summary>A data directory of the program before it stood on EF Core's migrations and Hangfire, killed while it worked.</summary>
[Trait("speed", "slow")]
public sealed class OldDataTests
{
    private static readonly string[] Kinds = ["bottleneck", "games", "macro", "masked-samples", "modulation-study", "pruning-sweep", "training", "training-dynamics", "training-study"];

    [Fact]
    public async Task An_old_data_directory_opens_with_everything_that_the_old_server_answered()
    {
        var (data, answers) = Fixture.Unpack();
        await using var server = await LabServer.StartOnAsync(data, ownsData: true);
        Assert.Single(Directory.GetFiles(data, "lab.db.before-*"));
        await SameAsync("models.json", "/api/v1/models?take=500");
        await SameAsync("datasets.json", "/api/v1/datasets?take=500");
        foreach (var model in Items(await File.ReadAllBytesAsync(Path.Combine(answers, "models.json"))))
        {
            Assert.NotEmpty(await server.Client.GetByteArrayAsync($"/api/v1/models/{model.GetProperty("id").GetString()}/file"));
        }

        var jobs = Items(await File.ReadAllBytesAsync(Path.Combine(answers, "jobs.json")));
        var ended = jobs.Where(job => job.GetProperty("state").GetString() is "succeeded" or "cancelled").ToArray();
        Assert.Equal(Kinds, ended.Where(job => job.GetProperty("state").GetString() == "succeeded").Select(job => job.GetProperty("kind").GetString()!).Distinct().Order(StringComparer.Ordinal));
        foreach (var job in ended)
        {
            var id = job.GetProperty("id").GetString()!;
            var partial = job.GetProperty("state").GetString() == "cancelled";
            await SameAsync($"job-{id}.json", $"/api/v1/jobs/{id}", job.GetProperty("kind").GetString() == "training" ? WithoutUntrained : text => text);
            await SameAsync($"result-{id}.json", $"/api/v1/jobs/{id}/result{(partial ? "?partial=true" : "")}");
            if (!partial)
            {
                await SameAsync($"artifacts-{id}.json", $"/api/v1/jobs/{id}/artifacts");
                foreach (var artifact in Items(await File.ReadAllBytesAsync(Path.Combine(answers, $"artifacts-{id}.json"))))
                {
                    var bytes = await server.Client.GetByteArrayAsync($"/api/v1/jobs/{id}/artifacts/{artifact.GetProperty("name").GetString()}");
                    Assert.Equal(artifact.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
                }
            }
        }

        // One ran and two waited: it goes on after the cells it had, then they follow in their order.
        var left = jobs.Where(job => job.GetProperty("state").GetString() is "running" or "queued").Reverse().ToArray();
        Assert.Equal(["running", "queued", "queued"], left.Select(job => job.GetProperty("state").GetString()));
        var started = new List<DateTimeOffset>();
        foreach (var job in left)
        {
            var done = await server.WaitAsync(job.GetProperty("id").GetString()!, "succeeded", "failed");
            Assert.Equal("succeeded", done.GetProperty("state").GetString());
            started.Add(done.GetProperty("startedAt").GetDateTimeOffset());
        }

        Assert.Equal(started.Order(), started);
        Assert.Equal(2, (await server.JobAsync(left[0].GetProperty("id").GetString()!)).GetProperty("attempts").GetInt32());
        Assert.Empty(server.Errors);

        async Task SameAsync(string answer, string path, Func<string, string>? change = null)
        {
            var before = await File.ReadAllTextAsync(Path.Combine(answers, answer));
            Assert.Equal(change?.Invoke(before) ?? before, await server.Client.GetStringAsync(path));
        }

        // Then the untrained network counted as an epoch.
        static string WithoutUntrained(string job) =>
            Regex.Replace(job, @"""done"":(\d+),""total"":(\d+)", counts => string.Create(CultureInfo.InvariantCulture, $"\"done\":{int.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture) - 1},\"total\":{int.Parse(counts.Groups[2].Value, CultureInfo.InvariantCulture) - 1}"));
    }

    private static JsonElement[] Items(byte[] page) => [.. JsonDocument.Parse(page).RootElement.GetProperty("items").EnumerateArray()];
}
