using InteractionLab.Server.Configuration;
using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Tests;

/// <summary>A killed process is simulated by a copy of its data directory taken while a cell is in flight.</summary>
[Trait("speed", "slow")]
public sealed class RecoveryTests
{
    [Fact]
    public async Task A_killed_job_continues_by_itself_and_gives_the_same_bytes()
    {
        var name = nameof(A_killed_job_continues_by_itself_and_gives_the_same_bytes);
        var gate = Gate.Of(name);
        string snapshot;
        string id;
        await using (var server = await LabServer.StartAsync())
        {
            id = await server.SubmitAsync(new { cells = 6, gate = name });
            gate.Pass.Release(3);
            while ((await server.JobAsync(id)).GetProperty("progress").GetProperty("done").GetInt32() < 3)
            {
                await Task.Delay(20);
            }

            snapshot = server.Snapshot();
        }

        Directory.CreateDirectory(Path.Combine(snapshot, "tmp"));
        File.WriteAllText(Path.Combine(snapshot, "tmp", "half"), "left by a crash");
        Directory.CreateDirectory(Path.Combine(snapshot, "files", "00"));
        File.WriteAllText(Path.Combine(snapshot, "files", "00", new string('0', 64)), "no row refers to this");
        gate.Computed.Clear();
        gate.Open();
        byte[] resumed;
        await using (var server = await LabServer.StartOnAsync(snapshot, ownsData: true))
        {
            var job = await server.WaitAsync(id, "succeeded", "failed");
            Assert.Equal("succeeded", job.GetProperty("state").GetString());
            Assert.Equal(2, job.GetProperty("attempts").GetInt32());
            Assert.Equal([3, 4, 5], gate.Computed);
            Assert.False(File.Exists(Path.Combine(snapshot, "files", "00", new string('0', 64))));
            Assert.Single(Directory.GetFiles(Path.Combine(snapshot, "quarantine"), new string('0', 64), SearchOption.AllDirectories));
            resumed = await server.Client.GetByteArrayAsync($"/api/v1/jobs/{id}/result");
            var whole = await server.SubmitAsync(new { cells = 6, gate = name });
            await server.WaitAsync(whole, "succeeded");
            Assert.Equal(await server.Client.GetByteArrayAsync($"/api/v1/jobs/{whole}/result"), resumed);
        }
    }

    [Fact]
    public async Task A_job_that_brings_the_server_down_again_and_again_is_given_up()
    {
        var name = nameof(A_job_that_brings_the_server_down_again_and_again_is_given_up);
        string[] limit = ["--Lab:MaxRecoveries", "3"];
        string data;
        string id;
        await using (var server = await LabServer.StartAsync(limit))
        {
            id = await server.SubmitAsync(new { cells = 2, gate = name });
            await server.WaitAsync(id, "running");
            data = server.Snapshot();
        }

        for (var crash = 1; crash < 3; crash++)
        {
            await using var server = await LabServer.StartOnAsync(data, ownsData: true, limit);
            await server.WaitAsync(id, "running");
            data = server.Snapshot();
        }

        await using (var server = await LabServer.StartOnAsync(data, ownsData: true, limit))
        {
            var job = await server.WaitAsync(id, "failed");
            Assert.Contains("3 times in a row", job.GetProperty("error").GetString(), StringComparison.Ordinal);
            Gate.Of(name).Open();
            Assert.Equal(200, (await server.PostAsync($"/api/v1/jobs/{id}/retry")).Status);
            await server.WaitAsync(id, "succeeded");
        }
    }

    [Fact]
    public async Task A_server_that_is_stopped_leaves_its_job_to_the_next()
    {
        var name = nameof(A_server_that_is_stopped_leaves_its_job_to_the_next);
        var data = LabServer.NewFolder();
        string id;
        await using (var server = await LabServer.StartOnAsync(data, ownsData: false))
        {
            id = await server.SubmitAsync(new { cells = 2, gate = name });
            await server.WaitAsync(id, "running");
        }

        Gate.Of(name).Open();
        await using (var server = await LabServer.StartOnAsync(data, ownsData: true))
        {
            await server.WaitAsync(id, "succeeded");
        }
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_is_refused()
    {
        await using var server = await LabServer.StartAsync();
        var error = await Assert.ThrowsAsync<DataDirectoryException>(() => LabServer.StartOnAsync(server.Data, ownsData: false));
        Assert.Contains("in use by another server", LabApplication.Explain(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_waits_for_the_lock_of_one_that_is_on_its_way_out()
    {
        var data = LabServer.NewFolder();
        Task<LabServer> start;
        await using (new FileStream(Path.Combine(data, "lab.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            start = LabServer.StartOnAsync(data, ownsData: true);
            await Task.Delay(300);
            Assert.False(start.IsCompleted);
        }

        await using var server = await start;
        Assert.Equal("ok", (await server.GetJsonAsync("/health")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Every_faulty_option_is_named()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => LabServer.StartAsync("--Lab:ParallelJobs", "0", "--Lab:MaxZipEntries", "-1"));
        Assert.Contains(error.Failures, f => f.StartsWith("Lab:ParallelJobs", StringComparison.Ordinal));
        Assert.Contains(error.Failures, f => f.StartsWith("Lab:MaxZipEntries", StringComparison.Ordinal));
        Assert.Throws<StartException>(() => CommandLine.Parse(["--nonsense", "1"]));
        Assert.Throws<StartException>(() => CommandLine.Parse(["--data"]));
        Assert.Throws<StartException>(() => LabApplication.Build(["--urls", "nonsense"]));
        Assert.Equal("true", CommandLine.Parse(["--demo", "--urls", "http://x"])["Lab:Demo"]);
    }

    [Fact]
    public async Task An_address_in_use_gives_one_line()
    {
        await using var server = await LabServer.StartAsync();
        var app = LabApplication.Build(["--urls", server.Client.BaseAddress!.ToString(), "--data", LabServer.NewFolder()]);
        var error = await Assert.ThrowsAnyAsync<IOException>(() => app.StartAsync(CancellationToken.None));
        Assert.Contains("in use", LabApplication.Explain(error), StringComparison.Ordinal);
        await app.DisposeAsync();
    }
}
