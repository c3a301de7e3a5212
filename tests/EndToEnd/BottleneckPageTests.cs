using System.Text.Json.Nodes;
using InteractionLab.Testing;
using Microsoft.Playwright;
using static InteractionLab.EndToEnd.Walk;
using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>Bottlenecks, training studies and the terms of a training's loss: their forms and the bottleneck's charts, in a real browser.</summary>
public sealed class BottleneckPageTests
{
    [Fact]
    public async Task ABottleneckIsQueuedFromItsFormAndRead()
    {
        await using var visit = await Visit.StartAsync();
        var (model, dataset) = await RealModels.AddCifarAsync(visit.Client);
        var early = await visit.Client.AddModelAsync(SharedData.Path("models", "cifar_resnet8_e00.onnx"));

        // Sampled, of two models, through the API; exact through the form, from the page of the model.
        var spec = new JsonObject
        {
            ["models"] = new JsonArray(early, model),
            ["dataset"] = dataset,
            ["samples"] = new JsonArray(0),
            ["players"] = new JsonObject { ["type"] = "grid", ["rows"] = 8, ["columns"] = 8, ["select"] = "all" },
            ["orders"] = new JsonArray(0, 0.5, 1),
            ["pairs"] = new JsonObject { ["count"] = 20, ["radius"] = 2 },
            ["contexts"] = 20,
        };
        var sampled = await visit.Client.SubmitAsync("bottleneck", spec);
        var page = await visit.PageAsync();
        await OpenAsync(page, $"/models/{model}");
        await page.GetByTestId("model-bottleneck").ClickAsync();
        await Expect(page.GetByTestId("models-chip")).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await FillAsync(page, "samples-to", "2");
        await FillAsync(page, "players-select", "6");
        await FillAsync(page, "contexts", "1");
        await Expect(page.GetByTestId("error-contexts")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "contexts", "10");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "new-bottleneck-wide-light");
        var exact = await SubmitAsync(page);
        await ExpectStateAsync(page, "Succeeded");
        await ExpectChartAsync(page, "chart-profile");
        await visit.Client.WaitAsync(sampled);

        // What the form writes of an old job is what the job was.
        await OpenAsync(page, $"/experiments/new?from={sampled}");
        await Expect(page.GetByTestId("models-chip")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("pairs-radius")).ToHaveValueAsync("2");
        await Expect(page.GetByTestId("spec-extras")).ToHaveCountAsync(0);

        // Both models on one chart with their bands; one before, one after: bands and lines of both, and what rose and fell.
        await OpenAsync(page, $"/jobs/{sampled}?tab=models");
        Assert.Equal(6, await TracesAsync(page, "chart-profiles"));
        await page.GetByTestId("tab-change").ClickAsync();
        Assert.Equal(6, await TracesAsync(page, "chart-change-relative"));
        Assert.Equal(2, await TracesAsync(page, "chart-change-absolute"));
        Assert.Equal(2, await TracesAsync(page, "chart-change"));
        await page.GetByTestId("after").SelectOptionAsync("0");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("after=0"));
        Assert.Equal(2, await TracesAsync(page, "chart-change-size"));

        await LookAsync(visit, ("bottleneck", sampled, ["profile", "models", "change", "evidence"]), ("bottleneck-exact", exact, ["profile", $"compare&with={sampled}"]));
        Assert.Empty(visit.Browser.Faults);
    }

    [Fact]
    public async Task AProfileIsFollowedOverATraining()
    {
        await using var visit = await Visit.StartAsync();
        var dataset = await SmallTable.AddAsync(visit.Client, visit.Folder);
        var spec = SmallTable.Training(4);
        spec["train"] = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = 0, ["to"] = 200 } };
        spec["test"] = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = 200, ["to"] = 240 } };
        var training = await visit.Client.SubmitAsync("training", spec);
        await visit.Client.WaitAsync(training);
        var page = await visit.PageAsync();

        // From the page of the training; its test samples come along.
        await OpenAsync(page, $"/jobs/{training}?tab=snapshots");
        await page.GetByTestId("snapshots-bottleneck").ClickAsync();
        await Expect(page.GetByTestId("trainingJob")).ToHaveValueAsync(training, new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("samples-from")).ToHaveValueAsync("200");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "new-bottleneck-training-wide-light");
        var job = await SubmitAsync(page);
        await ExpectStateAsync(page, "Succeeded");

        // A line an epoch, 0 to 4, and the scale of their colours.
        Assert.Equal(6, await TracesAsync(page, "chart-course"));
        Assert.Equal(1, await TracesAsync(page, "chart-course-heat"));
        Assert.Equal(3, await TracesAsync(page, "chart-course-thirds"));
        await page.GetByTestId("show-absolute").ClickAsync();
        await Expect(page.GetByTestId("chart-course")).ToContainTextAsync("units of v");
        await page.GetByTestId("tab-change").ClickAsync();
        await Expect(page.GetByTestId("after")).ToHaveValueAsync("4");
        await OpenAsync(page, $"/experiments/new?from={job}");
        await Expect(page.GetByTestId("trainingJob")).ToHaveValueAsync(training, new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("spec-extras")).ToHaveCountAsync(0);
        await LookAsync(visit, ("bottleneck-training", job, ["course", "change", "models"]));
        Assert.Empty(visit.Browser.Faults);
    }

    [Fact]
    public async Task AStudyAndTheTermsOfATrainingShowTheirFaultsAndTheirCost()
    {
        await using var visit = await Visit.StartAsync();
        var (model, dataset) = await RealModels.AddCifarAsync(visit.Client);
        var page = await visit.PageAsync();

        await OpenAsync(page, $"/experiments/new?kind=training&dataset={dataset}");
        await page.GetByTestId("terms").Locator("summary").ClickAsync();
        await page.GetByTestId("modulation").SelectOptionAsync("list");
        await FillAsync(page, "modulation-from-0", "0.8");
        await Expect(page.GetByTestId("error-modulation")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "modulation-to-0", "1");
        await page.GetByTestId("penalty").CheckAsync();
        await page.GetByTestId("penalty-baseline").SelectOptionAsync(model);
        await FillAsync(page, "penalty-players", "11");
        await Expect(page.GetByTestId("error-penalty.players")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "penalty-players", "4");
        await page.GetByTestId("own-players").CheckAsync();
        await FillAsync(page, "players-rows", "4");
        await FillAsync(page, "players-columns", "4");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "new-terms-wide-light");

        await page.GetByTestId("kind").SelectOptionAsync("training-study");
        await page.GetByTestId("data-dataset").SelectOptionAsync(dataset);
        await FillAsync(page, "training-epochs", "none");
        await Expect(page.GetByTestId("error-training.epochs")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "training-epochs", "1");
        await page.GetByTestId("data-samples-mode").SelectOptionAsync("range");
        await FillAsync(page, "data-samples-to", "40");
        await FillAsync(page, "references", "1");
        await FillAsync(page, "study-samples", "2");
        await page.GetByTestId("penalty").CheckAsync();
        await FillAsync(page, "penalty-players", "11");
        await Expect(page.GetByTestId("error-penalty.players")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "penalty-players", "3");
        await page.GetByTestId("pruned").CheckAsync();
        await FillAsync(page, "pruned-ratios", "0, 0.5");
        await FillAsync(page, "analysis-players-select", "3");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Expect(page.Locator("form [role=alert]")).ToHaveCountAsync(0);
        await Browser.KeepAsync(page, "new-study-wide-light");
        var narrow = await visit.PageAsync(dark: true, width: 390);
        foreach (var kind in new[] { "training-study", "bottleneck", "training&spec={\"modulation\":[{\"type\":\"suppress\",\"from\":0,\"to\":0.5,\"weight\":1}]}" })
        {
            await OpenAsync(narrow, $"/experiments/new?dataset={dataset}&kind={kind}");
            await Expect(narrow.GetByTestId("experiment-form")).ToBeVisibleAsync(Patient);
            await Browser.KeepAsync(narrow, $"new-{kind.Split('&')[0]}-narrow-dark");
            Assert.True(await OverflowAsync(narrow) <= 1, $"the form of {kind} is wider than the screen");
        }

        var study = await SubmitAsync(page);
        await Expect(page.GetByTestId("job-state").First).ToBeVisibleAsync(Patient);
        var kept = (await visit.Client.GetAsync($"/api/v1/jobs/{study}"))["spec"]!;
        Assert.Equal(("3", "[0,0.5]"), (kept["penalty"]!["players"]!.ToJsonString(), kept["pruned"]!["ratios"]!.ToJsonString()));
        Assert.Equal(("3", "1"), (kept["analysis"]!["players"]!["select"]!.ToJsonString(), kept["training"]!["epochs"]!.ToJsonString()));
        await visit.Client.PostAsync($"/api/v1/jobs/{study}/cancel");
        Assert.Empty(visit.Browser.Faults);
    }
}
