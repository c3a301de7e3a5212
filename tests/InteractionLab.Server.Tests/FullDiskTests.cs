using System.Text;
using System.Text.Json;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests;

/// <summary>A disk that is full: what must work does, the rest says why not, and all goes on when there is space.</summary>
[Trait("speed", "slow")]
public sealed class FullDiskTests
{
    private const int Megabytes = 48;

    [Fact]
    public async Task Uploads_jobs_deletions_and_cancellations_on_a_full_disk_and_all_goes_on_when_there_is_space()
    {
        var name = nameof(Uploads_jobs_deletions_and_cancellations_on_a_full_disk_and_all_goes_on_when_there_is_space);
        using var disk = SmallDisk.TryMount(Megabytes);
        var data = Path.Combine(disk.Root, "lab");
        await using var server = await LabServer.StartOnAsync(data, ownsData: false);
        var model = await StoredLab.AddModelAsync(server, TinyModel.Bytes());
        var unused = await StoredLab.AddModelAsync(server, TinyModel.Bytes("unused"));
        var table = await StoredLab.AddTableAsync(server, StoredLab.Table);
        var done = await server.SubmitAsync(new { cells = 200 });
        await server.WaitAsync(done, "succeeded");
        var running = await server.SubmitAsync(new { cells = 20, gate = name });
        await server.WaitAsync(running, "running");
        var waiting = await server.SubmitAsync(new { cells = 2, model });
        var cancelled = await server.SubmitAsync(new { cells = 2 });

        disk.Fill();
        Assert.Equal(507, await UploadAsync(server, "models", "file", TinyModel.Bytes("later")));
        Assert.Equal(507, await UploadAsync(server, "datasets", "files", Encoding.UTF8.GetBytes(StoredLab.Table), ("format", "csv"), ("options", """{"label":"label"}""")));
        Assert.Equal(507, (await server.PostAsync("/api/v1/jobs", new { kind = "counting", spec = new { cells = 1 } })).Status);
        Assert.Equal("full", await DiskAsync(server));

        // The one that runs cannot keep its cell and says so; the one that waits is not started to fail too.
        Gate.Of(name).Open();
        var failed = await server.WaitAsync(running, "failed", "succeeded");
        Assert.Contains("disk", failed.GetProperty("error").GetString(), StringComparison.Ordinal);
        await Task.Delay(300);
        Assert.Equal("queued", (await server.JobAsync(waiting)).GetProperty("state").GetString());
        Assert.Equal(200, (await server.PostAsync($"/api/v1/jobs/{cancelled}/cancel")).Status);
        foreach (var path in new[] { $"jobs/{cancelled}", $"jobs/{done}", $"models/{unused}", $"datasets/{table}" })
        {
            using var deleted = await server.Client.DeleteAsync($"/api/v1/{path}");
            Assert.True(deleted.IsSuccessStatusCode, $"{path}: {await deleted.Content.ReadAsStringAsync()}");
        }

        disk.Free();
        Assert.Equal("ok", await DiskAsync(server));
        Assert.Equal(201, await UploadAsync(server, "models", "file", TinyModel.Bytes("later")));
        await ((HangfireJobQueue)server.Get<IJobQueue>()).WatchOnceAsync();
        await server.WaitAsync(waiting, "succeeded");
        Assert.Equal(200, (await server.PostAsync($"/api/v1/jobs/{running}/retry")).Status);
        await server.WaitAsync(running, "succeeded");
        Assert.Equal("ok", (await server.GetJsonAsync("/health")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_server_starts_on_a_full_disk_and_says_so()
    {
        using var disk = SmallDisk.TryMount(Megabytes);
        var data = Path.Combine(disk.Root, "lab");
        string model;
        await using (var server = await LabServer.StartOnAsync(data, ownsData: false))
        {
            model = await StoredLab.AddModelAsync(server, TinyModel.Bytes());
        }

        disk.Fill();
        await using (var server = await LabServer.StartOnAsync(data, ownsData: false))
        {
            Assert.Equal(TinyModel.Bytes(), await server.Client.GetByteArrayAsync($"/api/v1/models/{model}/file"));
            disk.Free();
            Assert.Equal("ok", await DiskAsync(server));
            await server.WaitAsync(await server.SubmitAsync(new { cells = 2, model }), "succeeded");
        }
    }

    [Fact]
    public async Task A_first_start_without_space_is_refused_in_one_line()
    {
        using var disk = SmallDisk.TryMount(1);
        disk.Fill();
        var error = await Record.ExceptionAsync(() => LabServer.StartOnAsync(Path.Combine(disk.Root, "lab"), ownsData: false));
        Assert.NotNull(error);
        Assert.DoesNotContain('\n', LabApplication.Explain(error));
        Assert.Contains("disk", LabApplication.Explain(error), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string?> DiskAsync(LabServer server)
    {
        using var response = await server.Client.GetAsync("/health");
        var health = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(response.IsSuccessStatusCode, health.GetProperty("disk").GetString() == "ok");
        return health.GetProperty("disk").GetString();
    }

    private static async Task<int> UploadAsync(LabServer server, string to, string field, byte[] bytes, params (string Name, string Value)[] texts)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), field, "upload" } };
        foreach (var (name, value) in texts)
        {
            form.Add(new StringContent(value), name);
        }

        using var response = await server.Client.PostAsync($"/api/v1/{to}", form);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode || text.Contains("disk", StringComparison.Ordinal), text);
        return (int)response.StatusCode;
    }
}
