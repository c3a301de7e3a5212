using InteractionLab.Testing;
using static InteractionLab.EndToEnd.Walk;
using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>Macroscopic tests from their form to their charts, in a real browser.</summary>
public sealed class MacroPageTests
{
    [Fact]
    public async Task TestsAreChosenQueuedAndReadSideBySide()
    {
        await using var visit = await Visit.StartAsync();
        var (model, dataset) = await RealModels.AddCifarAsync(visit.Client);
        var early = await visit.Client.AddModelAsync(SharedData.Path("models", "cifar_resnet8_e00.onnx"));
        var page = await visit.PageAsync();

        // The page of a model leads here; an unknown kind is said.
        await OpenAsync(page, "/experiments/new?kind=zzz");
        await Expect(page.GetByTestId("unknown-kind")).ToContainTextAsync("zzz");
        await OpenAsync(page, $"/models/{model}");
        await page.GetByTestId("model-macro").ClickAsync();
        await Expect(page.GetByTestId("models-chip")).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await page.GetByTestId("models").SelectOptionAsync(early);
        await Expect(page.GetByTestId("models-chip")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await page.GetByTestId("samples-mode").SelectOptionAsync("range");
        await FillAsync(page, "samples-to", "30");
        await FillAsync(page, "structure-ratios", "0, 0.5, 0.5");
        await Expect(page.Locator("[data-field='structure.ratios'] [role=alert]")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "structure-ratios", "0, 0.3, 0.6, 1");
        await page.GetByTestId("fit").CheckAsync();
        await Expect(page.GetByTestId("fit-train-dataset")).ToHaveValueAsync(dataset, new() { Timeout = 60_000 });
        await page.GetByTestId("fit-train-samples-mode").SelectOptionAsync("range");
        await FillAsync(page, "fit-train-samples-from", "30");
        await FillAsync(page, "fit-train-samples-to", "70");
        await page.GetByTestId("robustness").CheckAsync();
        await FillAsync(page, "robustness-steps", "2");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Expect(page.Locator("form [role=alert]")).ToHaveCountAsync(0);
        await Browser.KeepAsync(page, "new-macro-wide-light");
        var narrow = await visit.PageAsync(dark: true, width: 390);
        await OpenAsync(narrow, $"/experiments/new?kind=macro&dataset={dataset}");
        await Expect(narrow.GetByTestId("experiment-form")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(narrow, "new-macro-narrow-dark");
        Assert.True(await OverflowAsync(narrow) <= 1, "the form is wider than the screen");

        var job = await SubmitAsync(page);
        await ExpectStateAsync(page, "Succeeded");
        Assert.Equal(2, await page.GetByTestId("macro-table").Locator("tbody tr").CountAsync());
        // Of each model two edges of its area, two lines and its name; and what the lines are.
        Assert.Equal(12, await TracesAsync(page, "chart-structure"));
        Assert.Equal(2, await TracesAsync(page, "chart-losses"));
        Assert.Equal(2, await TracesAsync(page, "chart-robustness"));
        var tested = (await visit.Client.GetAsync($"/api/v1/jobs/{job}/result"))["models"]!.AsArray();
        Assert.Equal([model, early], tested.Select(m => (string)m!["model"]!));

        // What the form writes of an old job is what the job was.
        await OpenAsync(page, $"/experiments/new?from={job}");
        await Expect(page.GetByTestId("models-chip")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("robustness-steps")).ToHaveValueAsync("2");
        await Expect(page.GetByTestId("fit-train-samples-from")).ToHaveValueAsync("30");
        await Expect(page.GetByTestId("spec-extras")).ToHaveCountAsync(0);

        // Lists of jobs say the kind by its title.
        await OpenAsync(page, "/jobs");
        await Expect(page.GetByTestId("job-row").First).ToContainTextAsync("Macroscopic tests");
        await LookAsync(visit, ("macro", job, ["tests"]));
        Assert.Empty(visit.Browser.Faults);
    }
}
