using System.Text.Json.Nodes;
using InteractionLab.Testing;
using Microsoft.Playwright;
using static InteractionLab.EndToEnd.Walk;
using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>Training, pruning sweeps and training dynamics from their forms to their charts, in a real browser.</summary>
public sealed class NewKindsTests
{
    [Fact]
    public async Task ATrainingIsWatchedAndItsSnapshotsAreFollowed()
    {
        await using var visit = await Visit.StartAsync();
        var dataset = await visit.Client.AddDatasetAsync("cifar10", RealModels.CifarOptions, SharedData.Path("data", "cifar10", "test_batch.bin"));
        var page = await visit.PageAsync();

        // A fault stands at its field, and is gone when it is mended.
        await OpenAsync(page, $"/experiments/new?kind=training&dataset={dataset}");
        await FillAsync(page, "epochs", "some");
        await Expect(page.GetByTestId("error-epochs")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "epochs", "2");
        await Expect(page.GetByTestId("error-epochs")).ToHaveCountAsync(0, new() { Timeout = 60_000 });

        await page.GetByTestId("architecture-depth").SelectOptionAsync("8");
        await FillAsync(page, "architecture-width", "2");
        await FillAsync(page, "train-samples-to", "120");
        await FillAsync(page, "test-samples-to", "1660");
        await FillAsync(page, "batchSize", "40");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "new-training-wide-light");
        var training = await SubmitAsync(page);
        await ExpectChartAsync(page, "chart-loss");
        await ExpectStateAsync(page, "Succeeded");
        await ExpectChartAsync(page, "chart-learning-rate");
        Assert.Equal(3, (await visit.Client.GetAsync($"/api/v1/jobs/{training}/result"))["epochs"]!.AsArray().Count);

        await page.GetByTestId("tab-snapshots").ClickAsync();
        await Expect(page.GetByTestId("snapshot-row")).ToHaveCountAsync(3, new() { Timeout = 60_000 });
        await page.GetByTestId("follow-dynamics").ClickAsync();
        await Expect(page.GetByTestId("trainingJob")).ToHaveValueAsync(training, new() { Timeout = 60_000 });
        await page.GetByTestId("references").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await Expect(page.GetByTestId("references-chip")).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await page.GetByTestId("references").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await Expect(page.GetByTestId("references-chip")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await FillAsync(page, "train-samples-to", "2");
        await FillAsync(page, "test-samples-from", "1600");
        await FillAsync(page, "test-samples-to", "1602");
        await FillAsync(page, "players-select", "4");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "new-dynamics-wide-light");
        var dynamics = await SubmitAsync(page);
        await ExpectStateAsync(page, "Succeeded");
        await ExpectChartAsync(page, "chart-dynamics");
        await page.GetByTestId("tab-orders").ClickAsync();
        await ExpectChartAsync(page, "multiples-0");
        await Expect(page.GetByTestId("at-name")).ToHaveTextAsync("2");
        await page.GetByTestId("multiples").GetByRole(AriaRole.Link, new() { Name = "epoch 1" }).ClickAsync();
        await Expect(page.GetByTestId("at-name")).ToHaveTextAsync("1");
        await page.ReloadAsync();
        await Expect(page.GetByTestId("at-name")).ToHaveTextAsync("1", new() { Timeout = 60_000 });

        // References go by their names.
        await page.GetByTestId("tab-references").ClickAsync();
        await Expect(page.GetByTestId("references-table").Locator("tbody tr")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("references-table")).ToContainTextAsync("epoch");
        await LookAsync(visit, ("training", training, ["curves", "snapshots", "compare"]), ("dynamics", dynamics, ["dynamics", "orders", "references", "evidence", "compare"]));
        Assert.Empty(visit.Browser.Faults);
    }

    [Fact]
    public async Task ASweepIsQueuedComparedAndReadOrderByOrder()
    {
        await using var visit = await Visit.StartAsync();
        Assert.SkipUnless((await visit.Client.GetAsync("/api/v1/system"))["kinds"]!.AsArray().Any(kind => (string)kind! == "pruning-sweep"), "This build has no pruning sweeps.");
        var (model, dataset) = await RealModels.AddCifarAsync(visit.Client);
        var reference = await visit.Client.AddModelAsync(SharedData.Path("models", "cifar_resnet8_reference.onnx"));
        var spec = RealModels.MaskedSamples(model, dataset, 2, players: 5);
        spec["references"] = new JsonArray(reference);
        spec["pruner"] = new JsonObject { ["type"] = "random" };
        spec["ratios"] = new JsonArray(0, 0.5, 0.9);
        spec["evaluation"] = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = 0, ["to"] = 50 } };
        var first = await visit.Client.SubmitAsync("pruning-sweep", spec);
        var page = await visit.PageAsync();

        // The second from the first one's spec, through the form, with another pruner.
        await OpenAsync(page, $"/experiments/new?from={first}");
        await Expect(page.GetByTestId("references-chip")).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await page.GetByTestId("pruner-type").SelectOptionAsync("magnitude-global");
        await FillAsync(page, "ratios", "0, 2");
        await Expect(page.Locator("[data-field=ratios] [role=alert]")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "ratios", "0, 0.5, 0.9");
        await FillAsync(page, "job-name", "by magnitude");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "new-sweep-wide-light");
        var second = await SubmitAsync(page);
        await ExpectStateAsync(page, "Succeeded");
        await ExpectChartAsync(page, "chart-sweep");
        await page.GetByTestId("tab-orders").ClickAsync();
        await ExpectChartAsync(page, "chart-orders-preserved");
        await page.GetByTestId("show-emerged").ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("show=emerged"));
        await page.GetByTestId("at-next").ClickAsync();
        await Expect(page.GetByTestId("at-name")).ToHaveTextAsync("90 %");
        await page.GetByTestId("tab-compare").ClickAsync();
        await page.GetByTestId("runs-add").SelectOptionAsync(first);
        await Expect(page.GetByTestId("runs-table").Locator("tbody tr")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await ExpectChartAsync(page, "chart-compare-accuracy");

        await LookAsync(visit, ("sweep", second, ["sweep", "orders", "logic", "evidence", $"compare&with={first}"]));
        Assert.Empty(visit.Browser.Faults);
    }
}
