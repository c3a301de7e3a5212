using System.Text.Json.Nodes;
using InteractionLab.Testing;

namespace InteractionLab.EndToEnd;

/// <summary>kill -9 in the middle of training: after a restart it goes on from its checkpoint, and every snapshot has the bytes of an uninterrupted run.</summary>
public sealed class TrainingKillTests
{
    private const int Epochs = 12;

    [Fact]
    public async Task TrainingKilledInTheMiddleEndsAsIfUninterrupted()
    {
        using var quiet = new TemporaryFolder();
        string expected;
        await using (var lab = await LabProcess.StartAsync(quiet.Path))
        {
            var job = await SubmitAsync(lab.Client);
            await lab.Client.WaitAsync(job);
            expected = await ResultAsync(lab.Client, job);
        }

        using var folder = new TemporaryFolder();
        var random = new Random(7);
        var running = await LabProcess.StartAsync(folder.Path);
        try
        {
            var job = await SubmitAsync(running.Client);
            var kills = 0;
            foreach (var cells in (int[])[1, 4, 8])
            {
                var done = await WaitForCellsAsync(running.Client, job, cells);
                await Task.Delay(random.Next(0, 300));
                await running.KillAsync();
                kills += done is > 0 and <= Epochs ? 1 : 0;
                running = await LabProcess.StartAsync(folder.Path);
            }

            await running.Client.WaitAsync(job);
            Assert.True(kills >= 2, $"only {kills} of the kills came in the middle of the job");
            Assert.Equal(expected, await ResultAsync(running.Client, job));
            Assert.False(Directory.Exists(Path.Combine(folder.Path, "jobs", job, "work")), "a job that succeeded keeps no checkpoints");
        }
        finally
        {
            await running.DisposeAsync();
        }
    }

    private static async Task<string> SubmitAsync(LabClient client)
    {
        var dataset = await client.AddDatasetAsync("csv", new JsonObject { ["label"] = "label" }, SharedData.Path("data", "adult.csv"));
        return await client.SubmitAsync("training", new JsonObject
        {
            ["architecture"] = new JsonObject { ["name"] = "mlp", ["depth"] = 4, ["width"] = 64 },
            ["train"] = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = 0, ["to"] = 6000 } },
            ["test"] = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = 24000, ["to"] = 26000 } },
            ["epochs"] = Epochs,
            ["batchSize"] = 32,
            ["optimizer"] = new JsonObject { ["type"] = "adamw", ["learningRate"] = 0.003 },
            ["schedule"] = new JsonObject { ["type"] = "one-cycle" },
            ["seed"] = 4,
            ["device"] = "cpu",
        });
    }

    private static async Task<int> WaitForCellsAsync(LabClient client, string job, int cells)
    {
        for (var tries = 0; tries < 6000; tries++)
        {
            var view = await client.GetAsync($"/api/v1/jobs/{job}");
            var done = (int)view["progress"]!["done"]!;
            Assert.NotEqual("failed", (string?)view["state"]);
            if (done >= cells)
            {
                return done;
            }

            await Task.Delay(10);
        }

        Assert.Fail($"job {job} did not reach {cells} cells");
        return 0;
    }

    /// <summary>Numbers of every epoch and the hash of every snapshot; without times, which differ from run to run, and ids.</summary>
    private static async Task<string> ResultAsync(LabClient client, string job)
    {
        var result = await client.GetAsync($"/api/v1/jobs/{job}/result");
        Assert.Empty((JsonArray)result["notes"]!);
        var epochs = ((JsonArray)result["epochs"]!).Select(epoch =>
        {
            ((JsonObject)epoch!).Remove("seconds");
            return epoch.ToJsonString();
        }).ToArray();
        var snapshots = ((JsonArray)result["snapshots"]!).Select(snapshot => $"{snapshot!["epoch"]} {snapshot["sha256"]}").ToArray();
        Assert.Equal(Epochs + 1, epochs.Length);
        Assert.Equal(Epochs + 1, snapshots.Length);
        return string.Join('\n', [.. epochs, .. snapshots]);
    }
}
