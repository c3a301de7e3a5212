using System.Net;
using System.Text.Json.Nodes;

namespace InteractionLab.EndToEnd;

/// <summary>kill -9 while things are deleted, while a result is written, and in the middle of a backup and a restore.</summary>
public sealed class StoreKillTests
{
    [Fact]
    public async Task WhatIsNotDeletedStaysWholeWhenADeletionIsKilled()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(20261201);
        var lab = await LabProcess.StartAsync(folder.Path);
        try
        {
            var (model, dataset) = await RealModels.AddCifarAsync(lab.Client);
            var kept = await RunAsync(lab.Client, model, dataset);
            var expected = await ResultAsync(lab.Client, kept);
            for (var kill = 0; kill < 8; kill++)
            {
                var deleted = await RunAsync(lab.Client, model, dataset);
                var deletion = lab.Client.Http.DeleteAsync(new Uri($"/api/v1/jobs/{deleted}", UriKind.Relative), TestContext.Current.CancellationToken);
                await Task.Delay(random.Next(0, 30), TestContext.Current.CancellationToken);
                await lab.KillAsync();
                await Task.WhenAny(deletion);
                _ = deletion.Exception;
                lab = await LabProcess.StartAsync(folder.Path);
                Assert.Equal(expected, await ResultAsync(lab.Client, kept));

                // Whole, or gone.
                using var left = await lab.Client.Http.GetAsync(new Uri($"/api/v1/jobs/{deleted}", UriKind.Relative), TestContext.Current.CancellationToken);
                if (left.StatusCode is not HttpStatusCode.NotFound)
                {
                    Assert.Equal(expected, await ResultAsync(lab.Client, deleted));
                }

                Assert.Equal("ok", (string?)(await lab.Client.GetAsync("/health"))["status"]);
            }
        }
        finally
        {
            await lab.DisposeAsync();
        }
    }

    [Fact]
    public async Task AResultThatIsKilledWhileItIsWrittenIsWrittenAgain()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(20261202);
        var lab = await LabProcess.StartAsync(folder.Path);
        try
        {
            var (model, dataset) = await RealModels.AddCifarAsync(lab.Client);
            var expected = await ResultAsync(lab.Client, await RunAsync(lab.Client, model, dataset));
            for (var kill = 0; kill < 8; kill++)
            {
                var job = await lab.Client.SubmitAsync("masked-samples", RealModels.MaskedSamples(model, dataset, 2, players: 4));
                while ((int)(await lab.Client.GetAsync($"/api/v1/jobs/{job}"))["progress"]!["done"]! < 2)
                {
                    await Task.Delay(1, TestContext.Current.CancellationToken);
                }

                await Task.Delay(random.Next(0, 20), TestContext.Current.CancellationToken);
                await lab.KillAsync();
                lab = await LabProcess.StartAsync(folder.Path);
                await lab.Client.WaitAsync(job);
                Assert.Equal(expected, await ResultAsync(lab.Client, job));
            }
        }
        finally
        {
            await lab.DisposeAsync();
        }
    }

    [Fact]
    public async Task ABackupAndARestoreThatAreKilledLeaveTheOldStateOrTheNew()
    {
        using var folder = new TemporaryFolder();
        using var elsewhere = new TemporaryFolder();
        var random = new Random(20261203);
        var file = Path.Combine(elsewhere.Path, "lab.tar");
        string old;
        string newer;
        string expected;
        await using (var lab = await LabProcess.StartAsync(folder.Path))
        {
            var (model, dataset) = await RealModels.AddCifarAsync(lab.Client);
            old = await RunAsync(lab.Client, model, dataset);
            expected = await ResultAsync(lab.Client, old);
            for (var kill = 0; kill < 4; kill++)
            {
                await LabProcess.CommandAsync(folder.Path, TimeSpan.FromMilliseconds(random.Next(200, 1500)), "backup", file);
                if (File.Exists(file))
                {
                    File.Delete(file);
                }
            }

            var (code, output) = await LabProcess.CommandAsync(folder.Path, null, "backup", file);
            Assert.True(code == 0, output);
            newer = await RunAsync(lab.Client, model, dataset);
        }

        var (restored, kept) = (0, 0);
        for (var kill = 0; kill < 10; kill++)
        {
            var (code, _) = await LabProcess.CommandAsync(folder.Path, TimeSpan.FromMilliseconds(random.Next(300, 2500)), "restore", file);
            await using var lab = await LabProcess.StartAsync(folder.Path);
            Assert.Equal(expected, await ResultAsync(lab.Client, old));
            using var there = await lab.Client.Http.GetAsync(new Uri($"/api/v1/jobs/{newer}", UriKind.Relative), TestContext.Current.CancellationToken);
            if (there.StatusCode is HttpStatusCode.NotFound)
            {
                restored++;
                Assert.NotEmpty(Directory.GetDirectories(Path.Combine(folder.Path, "quarantine"), "*-restore"));
                Assert.NotEmpty(Directory.GetDirectories(Path.Combine(folder.Path, "quarantine"), newer, SearchOption.AllDirectories));
                newer = await RunAsync(lab.Client, (string)(await lab.Client.GetAsync("/api/v1/models"))["items"]![0]!["id"]!, (string)(await lab.Client.GetAsync("/api/v1/datasets"))["items"]![0]!["id"]!);
            }
            else
            {
                kept++;
                Assert.NotEqual(0, code);
                Assert.Equal(expected, await ResultAsync(lab.Client, newer));
            }
        }

        Assert.Equal(10, restored + kept);
    }

    private static async Task<string> RunAsync(LabClient client, string model, string dataset)
    {
        var job = await client.SubmitAsync("masked-samples", RealModels.MaskedSamples(model, dataset, 2, players: 4));
        await client.WaitAsync(job);
        return job;
    }

    private static async Task<string> ResultAsync(LabClient client, string job)
    {
        var result = await client.GetAsync($"/api/v1/jobs/{job}/result");
        Assert.Equal(2, ((JsonArray)result["samples"]!).Count);
        var artifact = await client.BytesAsync($"/api/v1/jobs/{job}/artifacts/values.npz");
        return result["samples"]!.ToJsonString() + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(artifact));
    }
}
