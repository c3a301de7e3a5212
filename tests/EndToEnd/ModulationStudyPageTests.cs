using System.Text.Json.Nodes;
using static InteractionLab.EndToEnd.Walk;
using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>A modulation study from its form to Table II, in a real browser.</summary>
public sealed class ModulationStudyPageTests
{
    [Fact]
    public async Task VariantsAreChosenTrainedAndComparedWithThePaper()
    {
        await using var visit = await Visit.StartAsync();
        var dataset = await SmallTable.AddAsync(visit.Client, visit.Folder);
        var page = await visit.PageAsync();
        await OpenAsync(page, $"/experiments/new?kind=modulation-study&dataset={dataset}");
        await Expect(page.GetByTestId("variant")).ToHaveCountAsync(4, new() { Timeout = 60_000 });
        await FillAsync(page, "training-epochs", "3");
        await FillAsync(page, "training-batchSize", "20");
        await FillAsync(page, "training-architecture-width", "8");
        await FillAsync(page, "training-architecture-depth", "2");
        await FillAsync(page, "seeds", "2");
        await FillAsync(page, "study-samples", "5");

        await Expect(page.GetByTestId("low-hint")).ToContainTextAsync("32 pairs");

        // One's own losses start from those of the preset before; a fault of theirs stands at the variants.
        await page.GetByTestId("variant-2").SelectOptionAsync("list");
        await Expect(page.GetByTestId("variant-2-from-0")).ToHaveValueAsync("0.3");
        await FillAsync(page, "variant-2-name", "strong middle");
        await FillAsync(page, "variant-2-to-0", "0.2");
        await Expect(page.Locator("form [role=alert]").First).ToContainTextAsync("must be above from", new() { Timeout = 60_000 });
        await FillAsync(page, "variant-2-to-0", "0.75");
        await FillAsync(page, "variant-2-weight-0", "2");
        await page.GetByTestId("macro-robustness").CheckAsync();
        await FillAsync(page, "macro-robustness-steps", "2");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Expect(page.Locator("form [role=alert]")).ToHaveCountAsync(0);
        await Browser.KeepAsync(page, "new-modulation-study-wide-light");
        var narrow = await visit.PageAsync(dark: true, width: 390);
        await OpenAsync(narrow, $"/experiments/new?kind=modulation-study&dataset={dataset}&spec={{\"variants\":[\"normal\",{{\"name\":\"both\",\"modulation\":[{{\"type\":\"suppress\",\"from\":0,\"to\":0.5}}]}}]}}");
        await Expect(narrow.GetByTestId("variant")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await Browser.KeepAsync(narrow, "new-modulation-study-narrow-dark");
        Assert.True(await OverflowAsync(narrow) <= 1, "the form is wider than the screen");

        var study = await SubmitAsync(page);
        await ExpectStateAsync(page, "Succeeded");
        await Expect(page.GetByTestId("chain-step")).ToHaveCountAsync(10, new() { Timeout = 60_000 });
        Assert.Equal(4, await page.GetByTestId("table2").Locator("tbody tr").CountAsync());

        // The paper has no word for losses of one's own; of tables nothing is said of structure.
        await Expect(page.GetByTestId("table2")).ToContainTextAsync("paper: ");
        await Expect(page.GetByTestId("agreement")).ToContainTextAsync("of 9");
        await page.GetByTestId("tab-profiles").ClickAsync();
        Assert.Equal(12, await TracesAsync(page, "chart-variants"));
        Assert.Equal(9, await TracesAsync(page, "chart-change"));
        Assert.Equal(4, await page.GetByTestId("thirds-table").Locator("tbody tr").CountAsync());
        Assert.Equal(3, await page.GetByTestId("effects-table").Locator("tbody tr").CountAsync());
        await page.GetByTestId("show-absolute").ClickAsync();
        await Expect(page.GetByTestId("chart-change")).ToContainTextAsync("seed by seed");
        await page.GetByTestId("tab-training").ClickAsync();
        Assert.Equal(8, await TracesAsync(page, "chart-train-loss"));
        Assert.Equal(8, await page.GetByTestId("networks-table").Locator("tbody tr").CountAsync());

        // Its steps have pages of their own: each network against another.
        await page.GetByTestId("tab-profiles").ClickAsync();
        await page.GetByTestId("networks-change").ClickAsync();
        await ExpectChartAsync(page, "chart-change-relative");
        await Expect(page.GetByTestId("before")).ToContainTextAsync("strong middle");

        // What the form writes of an old study is what the study was, its presets among it.
        await OpenAsync(page, $"/experiments/new?from={study}");
        await Expect(page.GetByTestId("variant-3")).ToHaveValueAsync("high", new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("variant-2-name")).ToHaveValueAsync("strong middle");
        await Expect(page.GetByTestId("spec-extras")).ToHaveCountAsync(0);
        await LookAsync(visit, ("modulation-study", study, ["capabilities", "profiles", "training"]));
        await ExpectTableInsideAsync(visit, study, "modulation-study-capabilities-middle-dark");
        Assert.Empty(visit.Browser.Faults);
    }

    /// <summary>Of a study that ended early the page says what there is and nothing of what would never have been measured.</summary>
    [Fact]
    public async Task AFailedStudySaysWhatItHas()
    {
        await using var visit = await Visit.StartAsync();
        var dataset = await SmallTable.AddAsync(visit.Client, visit.Folder);
        var training = SmallTable.Training(3);
        training["optimizer"] = new JsonObject { ["type"] = "sgd", ["learningRate"] = 1 };
        var study = await visit.Client.SubmitAsync("modulation-study", new JsonObject
        {
            ["data"] = new JsonObject { ["dataset"] = dataset },
            ["training"] = training,
            ["variants"] = new JsonArray("normal", new JsonObject { ["name"] = "far too hard", ["modulation"] = new JsonArray(new JsonObject { ["type"] = "encourage", ["from"] = 0, ["to"] = 0.5, ["weight"] = 1e6 }) }),
        });
        await visit.Client.WaitAsync(study, "failed");
        var page = await visit.PageAsync();
        await OpenAsync(page, $"/jobs/{study}");
        await Expect(page.GetByTestId("job-error")).ToContainTextAsync("the network diverged", new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("job-error")).Not.ToContainTextAsync("Cell");
        await Expect(page.GetByTestId("job-retry-hint")).ToContainTextAsync("ends the same way");
        await Expect(page.GetByTestId("partial")).ToContainTextAsync("Charts of 1 of 4 jobs;");
        await Expect(page.GetByTestId("job-chain")).ToContainTextAsync("1 of 4 have succeeded, 2 have been queued");
        await Expect(page.GetByTestId("table2").Locator("th")).ToHaveTextAsync(["Variant", "Fitting ability", "Generalization", "Test accuracy"]);
        await Expect(page.GetByTestId("table2").Locator("tbody tr").First).ToContainTextAsync("%");
        await ExpectTableInsideAsync(visit, study, "modulation-study-failed-middle-dark");
        Assert.Empty(visit.Browser.Faults);
    }

    /// <summary>On a screen between a phone's and a desk's the table keeps to the padding of its card.</summary>
    private static async Task ExpectTableInsideAsync(Visit visit, string study, string name)
    {
        var page = await visit.PageAsync(dark: true, width: 800);
        await OpenAsync(page, $"/jobs/{study}");
        await Expect(page.GetByTestId("table2")).ToBeVisibleAsync(Patient);
        await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        await Browser.KeepAsync(page, name);
        var beyond = await page.GetByTestId("table2").EvaluateAsync<double>("table => { const card = table.closest('.card'); return table.getBoundingClientRect().right - card.getBoundingClientRect().right + parseFloat(getComputedStyle(card).paddingRight); }");
        Assert.True(beyond <= 1, $"the table reaches {beyond} px into the padding of its card");
    }
}
