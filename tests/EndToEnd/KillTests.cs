using System.Text.Json.Nodes;

namespace InteractionLab.EndToEnd;

/// <summary>kill -9 at any moment: the job finishes after a restart, no finished cell is computed twice, and the result is the same.</summary>
public sealed class KillTests
{
    private const int Samples = 100;

    [Fact]
    public async Task AJobKilledAtRandomMomentsFinishesAsIfUninterrupted()
    {
        using var quiet = new TemporaryFolder();
        var expected = await UninterruptedAsync(quiet.Path);

        using var folder = new TemporaryFolder();
        var random = new Random(20240611);
        var lab = await LabProcess.StartAsync(folder.Path);
        try
        {
            var (model, dataset) = await RealModels.AddCifarAsync(lab.Client);
            var job = await lab.Client.SubmitAsync("masked-samples", RealModels.MaskedSamples(model, dataset, Samples, players: 7));
            var committed = new Dictionary<int, long>();
            var interrupted = 0;
            for (var kill = 0; kill < 5; kill++)
            {
                // The first kill may come before anything is committed; the later ones come somewhere in the middle.
                await WaitForCellsAsync(lab.Client, job, kill == 0 ? 0 : committed.Count + 1);
                await Task.Delay(random.Next(0, 250));
                await lab.KillAsync();
                KeepFinishedCells(folder.Path, job, committed);
                interrupted += committed.Count is > 0 and < Samples ? 1 : 0;
                lab = await LabProcess.StartAsync(folder.Path);
            }

            await lab.Client.WaitAsync(job);
            KeepFinishedCells(folder.Path, job, committed);
            Assert.True(interrupted >= 2, $"only {interrupted} of the kills came in the middle of the job");
            Assert.Equal(Samples, committed.Count);
            Assert.Equal(expected, await ResultAsync(lab.Client, job));
        }
        finally
        {
            await lab.DisposeAsync();
        }
    }

    [Fact]
    public async Task ASweepKilledAtRandomMomentsFinishesAsIfUninterrupted()
    {
        using var quiet = new TemporaryFolder();
        string expected;
        await using (var uninterrupted = await LabProcess.StartAsync(quiet.Path))
        {
            var job = await SubmitSweepAsync(uninterrupted.Client);
            await uninterrupted.Client.WaitAsync(job);
            expected = await SweepResultAsync(uninterrupted.Client, job);
        }

        using var folder = new TemporaryFolder();
        var random = new Random(20240612);
        var lab = await LabProcess.StartAsync(folder.Path);
        try
        {
            var job = await SubmitSweepAsync(lab.Client);
            var committed = new Dictionary<int, long>();
            for (var kill = 0; kill < 3; kill++)
            {
                await WaitForCellsAsync(lab.Client, job, committed.Count + 1);
                await Task.Delay(random.Next(0, 300));
                await lab.KillAsync();
                KeepFinishedCells(folder.Path, job, committed);
                lab = await LabProcess.StartAsync(folder.Path);
            }

            await lab.Client.WaitAsync(job);
            KeepFinishedCells(folder.Path, job, committed);
            Assert.Equal(expected, await SweepResultAsync(lab.Client, job));
        }
        finally
        {
            await lab.DisposeAsync();
        }
    }

    private static async Task<string> SubmitSweepAsync(LabClient client)
    {
        var (model, dataset) = await RealModels.AddCifarAsync(client);
        var spec = RealModels.MaskedSamples(model, dataset, 6, players: 7);
        spec["blockSize"] = 2;
        spec["pruner"] = new JsonObject { ["type"] = "magnitude-global" };
        spec["ratios"] = new JsonArray(0, 0.3, 0.6, 0.9);
        spec["references"] = new JsonArray(await client.AddModelAsync(Testing.SharedData.Path("models", "cifar_resnet8_reference.onnx")));
        spec["evaluation"] = new JsonObject { ["samples"] = new JsonObject { ["from"] = 0, ["to"] = 200 } };
        return await client.SubmitAsync("pruning-sweep", spec);
    }

    /// <summary>The result without the ids that a server draws, and the arrays.</summary>
    private static async Task<string> SweepResultAsync(LabClient client, string job)
    {
        var result = await client.GetAsync($"/api/v1/jobs/{job}/result");
        foreach (var named in ((JsonArray)result["networks"]!).Concat((JsonArray)result["points"]!))
        {
            named!["model"] = null;
        }

        Assert.Equal(4, ((JsonArray)result["points"]!).Count);
        Assert.Equal(1.0, (double)result["points"]![0]!["rhoLow"]!);
        Assert.Equal((6 * 129 * (2 + 3)) + (4 * 200), (long)result["forwardPasses"]!);
        var hashes = new List<string>();
        foreach (var name in new[] { "values.npz", "interactions.npz" })
        {
            hashes.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await client.BytesAsync($"/api/v1/jobs/{job}/artifacts/{name}"))));
        }

        return result.ToJsonString() + string.Concat(hashes);
    }

    private static async Task WaitForCellsAsync(LabClient client, string job, int cells)
    {
        for (var tries = 0; tries < 6000; tries++)
        {
            var view = await client.GetAsync($"/api/v1/jobs/{job}");
            if ((int)view["progress"]!["done"]! >= cells || (string?)view["state"] is "succeeded" or "failed")
            {
                return;
            }

            await Task.Delay(10);
        }

        Assert.Fail($"job {job} did not reach {cells} cells");
    }

    /// <summary>Remembers when each cell was committed and fails when a cell seen before was committed again.</summary>
    private static void KeepFinishedCells(string data, string job, Dictionary<int, long> committed)
    {
        foreach (var (index, at) in CellTable.Read(data, job))
        {
            if (committed.TryGetValue(index, out var before))
            {
                Assert.Equal(before, at);
            }

            committed[index] = at;
        }
    }

    private static async Task<string> UninterruptedAsync(string data)
    {
        await using var lab = await LabProcess.StartAsync(data);
        var (model, dataset) = await RealModels.AddCifarAsync(lab.Client);
        var job = await lab.Client.SubmitAsync("masked-samples", RealModels.MaskedSamples(model, dataset, Samples, players: 7));
        await lab.Client.WaitAsync(job);
        return await ResultAsync(lab.Client, job);
    }

    private static async Task<string> ResultAsync(LabClient client, string job)
    {
        var result = await client.GetAsync($"/api/v1/jobs/{job}/result");
        var values = await client.BytesAsync($"/api/v1/jobs/{job}/artifacts/values.npz");
        var interactions = await client.BytesAsync($"/api/v1/jobs/{job}/artifacts/interactions.npz");
        Assert.Equal(Samples, ((JsonArray)result["samples"]!).Count);
        return result.ToJsonString() + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(values))
            + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(interactions));
    }
}
