using System.Text.Json.Nodes;

namespace InteractionLab.EndToEnd;

/// <summary>A whole training study on a tiny network, killed in the middle of each of its stages.</summary>
public sealed class StudyTests
{
    private const int Epochs = 36;

    [Fact]
    public async Task A_study_killed_in_every_stage_gives_what_an_uninterrupted_one_gives()
    {
        using var quiet = new TemporaryFolder();
        string expected;
        await using (var lab = await LabProcess.StartAsync(quiet.Path))
        {
            await SkipWithoutTorchAsync(lab.Client);
            var id = await SubmitAsync(lab.Client, quiet.Path);
            await lab.Client.WaitAsync(id);
            expected = await DynamicsAsync(lab.Client, id);
        }

        using var folder = new TemporaryFolder();
        var killed = await LabProcess.StartAsync(folder.Path);
        try
        {
            var study = await SubmitAsync(killed.Client, folder.Path);
            foreach (var role in new[] { "reference-1", "target", "dynamics" })
            {
                await WaitForCellsAsync(killed.Client, study, role);
                await killed.KillAsync();
                killed = await LabProcess.StartAsync(folder.Path);
            }

            await killed.Client.WaitAsync(study);
            var children = (await killed.Client.GetAsync($"/api/v1/jobs?parent={study}"))["items"]!.AsArray();
            Assert.Equal(["dynamics", "reference-1", "reference-2", "target"], children.Select(child => (string)child!["role"]!).Order(StringComparer.Ordinal));
            Assert.All(children, child => Assert.Equal("succeeded", (string?)child!["state"]));
            Assert.Equal(expected, await DynamicsAsync(killed.Client, study));

            // The first snapshots were analysed while the target still trained, with one place to run.
            var (target, dynamics) = (Times(folder.Path, children, "target"), Times(folder.Path, children, "dynamics"));
            Assert.True(dynamics.Order().ElementAt(3) < target.Max(), "no snapshot was analysed before the target had ended");
        }
        finally
        {
            await killed.DisposeAsync();
        }
    }

    private static long[] Times(string data, JsonArray children, string role) =>
        [.. CellTable.Read(data, (string)children.First(child => (string?)child!["role"] == role)!["id"]!).Select(cell => cell.FinishedAt)];

    private static async Task<string> SubmitAsync(LabClient client, string folder)
    {
        var dataset = await SmallTable.AddAsync(client, folder);
        var training = SmallTable.Training(Epochs);
        training["snapshots"] = new JsonArray([.. Enumerable.Range(0, 7).Select(i => (JsonNode)(i * 6))]);
        return await client.SubmitAsync("training-study", new JsonObject
        {
            ["data"] = new JsonObject { ["dataset"] = dataset },
            ["training"] = training,
            ["references"] = 2,
            ["samples"] = 6,
            ["analysis"] = new JsonObject { ["players"] = new JsonObject { ["type"] = "columns" }, ["device"] = "cpu", ["batch"] = 32 },
        });
    }

    private static async Task<JsonNode?> ChildAsync(LabClient client, string study, string role) =>
        (await client.GetAsync($"/api/v1/jobs?parent={study}"))["items"]!.AsArray().FirstOrDefault(child => (string?)child!["role"] == role);

    private static async Task WaitForCellsAsync(LabClient client, string study, string role)
    {
        for (var tries = 0; tries < 3000; tries++)
        {
            if (await ChildAsync(client, study, role) is { } child && ((int)child["progress"]!["done"]! > 2 || (string?)child["state"] is "succeeded"))
            {
                return;
            }

            var state = (string?)(await client.GetAsync($"/api/v1/jobs/{study}"))["state"];
            Assert.True(state is "queued" or "running", $"the study is {state}");
            await Task.Delay(20);
        }

        Assert.Fail($"{role} did not come to its third cell");
    }

    /// <summary>The points and phases: what does not depend on ids or on what was kept in the cache.</summary>
    private static async Task<string> DynamicsAsync(LabClient client, string study)
    {
        var result = await client.GetAsync($"/api/v1/jobs/{study}/result");
        Assert.Equal(4, (int)result["finished"]!);
        Assert.Equal((SmallTable.Rows / 2, SmallTable.Rows / 2), ((int)result["trainSamples"]!, (int)result["testSamples"]!));
        var dynamics = result["dynamics"]!;
        var points = dynamics["points"]!.AsArray();
        Assert.Equal(7, points.Count);
        foreach (var point in points)
        {
            point!.AsObject().Remove("model");
        }

        return points.ToJsonString() + dynamics["phases"]!.ToJsonString() + dynamics["agreement"]!.ToJsonString();
    }

    private static async Task SkipWithoutTorchAsync(LabClient client)
    {
        var executors = (await client.GetAsync("/api/v1/system"))["executors"]!.AsArray();
        Assert.SkipUnless(executors.Any(executor => (string?)executor!["name"] == "torch"), "Training needs libtorch, which is not installed.");
    }
}
