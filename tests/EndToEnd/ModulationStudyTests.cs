using System.Text.Json.Nodes;
using InteractionLab.Testing;

namespace InteractionLab.EndToEnd;

/// <summary>A whole modulation study on a part of the census data: killed in every stage, and with a stage that fails.</summary>
public sealed class ModulationStudyTests
{
    private const int Rows = 400;

    [Fact]
    public async Task A_study_killed_in_every_stage_gives_what_an_uninterrupted_one_gives()
    {
        using var quiet = new TemporaryFolder();
        string expected;
        await using (var lab = await LabProcess.StartAsync(quiet.Path))
        {
            await SkipWithoutTorchAsync(lab.Client);
            var id = await SubmitAsync(lab.Client, quiet.Path, learningRate: 0.01);
            await lab.Client.WaitAsync(id);
            expected = await FindingsAsync(lab.Client, id);
            await TablesAsync(lab.Client, id);
        }

        using var folder = new TemporaryFolder();
        var killed = await LabProcess.StartAsync(folder.Path);
        try
        {
            var study = await SubmitAsync(killed.Client, folder.Path, learningRate: 0.01);
            foreach (var role in new[] { "network-2-1", "profile", "macro" })
            {
                await WaitForCellsAsync(killed.Client, study, role);
                await killed.KillAsync();
                killed = await LabProcess.StartAsync(folder.Path);
            }

            await killed.Client.WaitAsync(study);
            Assert.Equal(
                ["macro", "network-1-1", "network-1-2", "network-2-1", "network-2-2", "network-3-1", "network-3-2", "network-4-1", "network-4-2", "profile"],
                (await ChildrenAsync(killed.Client, study)).Select(child => (string)child!["role"]!).Order(StringComparer.Ordinal));
            Assert.Equal(expected, await FindingsAsync(killed.Client, study));
        }
        finally
        {
            await killed.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_study_one_of_whose_trainings_fails_stops_the_others_and_a_retry_takes_them_up()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await LabProcess.StartAsync(folder.Path);
        await SkipWithoutTorchAsync(lab.Client);

        // At this rate the third variant diverges early, which its training says; with a retry it does so again.
        var study = await SubmitAsync(lab.Client, folder.Path, learningRate: 1e3, optimizer: "sgd");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var failed = await lab.Client.WaitAsync(study, "failed");
            Assert.StartsWith("mid, seed 0 failed (job ", (string)failed["error"]!, StringComparison.Ordinal);
            var children = await ChildrenAsync(lab.Client, study);
            Assert.Equal(["network-1-1", "network-1-2", "network-2-1", "network-2-2", "network-3-1", "network-3-2", "network-4-1", "network-4-2"], children.Select(child => (string)child!["role"]!).Order(StringComparer.Ordinal));
            Assert.Equal("failed", State(children, "network-3-1"));
            foreach (var role in new[] { "network-4-1", "network-1-2", "network-2-2", "network-3-2", "network-4-2" })
            {
                await lab.Client.WaitAsync((string)children.First(child => (string?)child!["role"] == role)!["id"]!, "cancelled");
            }

            var partial = await lab.Client.GetAsync($"/api/v1/jobs/{study}/result?partial=true");
            Assert.Equal(2, (int)partial["finished"]!);

            // A retry needs what the finished trainings made.
            using var refused = await lab.Client.Http.DeleteAsync($"/api/v1/models/{(string)partial["variants"]![0]!["networks"]![0]!["model"]!}", TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains(study, await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            if (attempt == 0)
            {
                await lab.Client.PostAsync($"/api/v1/jobs/{study}/retry");
            }
        }
    }

    private static async Task<string> SubmitAsync(LabClient client, string folder, double learningRate, string optimizer = "adam")
    {
        var file = Path.Combine(folder, "census.csv");
        await File.WriteAllLinesAsync(file, File.ReadLines(SharedData.Path("data", "adult.csv")).Take(Rows + 1));
        var dataset = await client.AddDatasetAsync("csv", new JsonObject { ["label"] = "label" }, file);
        return await client.SubmitAsync("modulation-study", new JsonObject
        {
            ["data"] = new JsonObject { ["dataset"] = dataset },
            ["training"] = new JsonObject
            {
                ["architecture"] = new JsonObject { ["name"] = "mlp", ["depth"] = 3, ["width"] = 16 },
                ["epochs"] = 6,
                ["batchSize"] = 64,
                ["device"] = "cpu",
                ["optimizer"] = new JsonObject { ["type"] = optimizer, ["learningRate"] = learningRate },
            },
            ["seeds"] = 2,
            ["samples"] = 5,
            ["macro"] = new JsonObject { ["robustness"] = new JsonObject { ["epsilon"] = 0.6, ["steps"] = 20, ["stepSize"] = 0.05 } },
        });
    }

    /// <summary>What does not depend on ids or on times.</summary>
    private static async Task<string> FindingsAsync(LabClient client, string study)
    {
        var result = await client.GetAsync($"/api/v1/jobs/{study}/result");
        Assert.Equal((10, 10), ((int)result["finished"]!, (int)result["total"]!));
        Assert.Equal((320, 80), ((int)result["trainSamples"]!, (int)result["testSamples"]!));
        var rows = result["table2"]!["rows"]!.AsArray();
        Assert.Equal(["normal", "low", "mid", "high"], rows.Select(row => (string)row!["variant"]!));
        foreach (var row in rows)
        {
            Assert.Null(row!["structure"]);
            foreach (var column in new[] { "fitting", "generalization", "robustness" })
            {
                Assert.Equal(2, row[column]!["values"]!.AsArray().Count);
                Assert.NotNull(row[column]!["standardError"]);
                Assert.Contains((string?)row[column]!["word"], new[] { "low", "medium", "high" });
                Assert.NotNull(row[column]!["expected"]);
            }
        }

        var profiles = result["profiles"]!.AsArray();
        Assert.All(profiles, profile => Assert.Equal(11, profile!["orders"]!.AsArray().Count));
        return result["table2"]!.ToJsonString() + profiles.ToJsonString();
    }

    private static async Task TablesAsync(LabClient client, string study)
    {
        var table = (await client.Http.GetStringAsync($"/api/v1/jobs/{study}/tables/table2.csv")).TrimEnd().Split('\n');
        Assert.Equal(1 + (4 * 3), table.Length);
        Assert.StartsWith("variant,capability,measure,value,standardError,rank,word,words,tiedWith,expected,agrees", table[0], StringComparison.Ordinal);
        Assert.Equal(1 + (4 * 11), (await client.Http.GetStringAsync($"/api/v1/jobs/{study}/tables/profiles.csv")).TrimEnd().Split('\n').Length);
        Assert.Equal(1 + (4 * 2 * 7), (await client.Http.GetStringAsync($"/api/v1/jobs/{study}/tables/epochs.csv")).TrimEnd().Split('\n').Length);
    }

    private static async Task<JsonArray> ChildrenAsync(LabClient client, string study) => (await client.GetAsync($"/api/v1/jobs?parent={study}&take=50"))["items"]!.AsArray();

    private static string? State(JsonArray children, string role) => (string?)children.First(child => (string?)child!["role"] == role)!["state"];

    private static async Task WaitForCellsAsync(LabClient client, string study, string role)
    {
        for (var tries = 0; tries < 3000; tries++)
        {
            if ((await ChildrenAsync(client, study)).FirstOrDefault(child => (string?)child!["role"] == role) is { } child && ((int)child["progress"]!["done"]! > 1 || (string?)child["state"] is "succeeded"))
            {
                return;
            }

            var state = (string?)(await client.GetAsync($"/api/v1/jobs/{study}"))["state"];
            Assert.True(state is "queued" or "running", $"the study is {state}");
            await Task.Delay(20);
        }

        Assert.Fail($"{role} did not come to its second cell");
    }

    private static async Task SkipWithoutTorchAsync(LabClient client)
    {
        var executors = (await client.GetAsync("/api/v1/system"))["executors"]!.AsArray();
        Assert.SkipUnless(executors.Any(executor => (string?)executor!["name"] == "torch"), "Training needs libtorch, which is not installed.");
    }
}
