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
        Assert.Empty(visit.Browser.Faults);
    }
}
