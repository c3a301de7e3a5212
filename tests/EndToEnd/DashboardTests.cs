using InteractionLab.Testing;
using Microsoft.Playwright;
using static InteractionLab.EndToEnd.Walk;
using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>A person's way through the dashboard, in a real browser against the real process.</summary>
public sealed class DashboardTests
{
    [Fact]
    public async Task UploadQueueWatchAndReadTheCharts()
    {
        await using var visit = await Visit.StartAsync();
        var page = await visit.PageAsync();

        await UploadModelAsync(page, SharedData.Path("models", "cifar_resnet8_e12.onnx"));
        await UploadCifarAsync(page);
        var job = await LaunchAsync(page, samplesTo: 4, players: 8);

        // A second person with another browser sees the same job come to its end, without reloading.
        var other = await visit.PageAsync(dark: true, width: 390);
        await other.GotoAsync($"/jobs/{job}");
        await ExpectStateAsync(page, "Succeeded");
        await ExpectStateAsync(other, "Succeeded");

        await ExpectChartAsync(page, "chart-orders");
        await ExpectChartAsync(page, "chart-sparsity");
        await Browser.KeepAsync(page, "job-summary-wide-light");
        await ExpectChartAsync(other, "chart-orders");
        await Browser.KeepAsync(other, "job-summary-narrow-dark");

        await page.GetByTestId("tab-interactions").ClickAsync();
        await ExpectChartAsync(page, "chart-fidelity");
        await Expect(page.GetByTestId("patch-picture")).ToBeVisibleAsync(Patient);
        Assert.NotEqual(0, await page.GetByTestId("interaction-row").CountAsync());
        await Browser.KeepAsync(page, "job-interactions-wide-light");

        foreach (var (tab, chart) in new[] { ("graph", "chart-graph"), ("certificate", "chart-certificate"), ("compare", "chart-compare-effects") })
        {
            await page.GetByTestId($"tab-{tab}").ClickAsync();
            if (tab == "compare")
            {
                await page.GetByTestId("with").SelectOptionAsync("1");
            }

            await ExpectChartAsync(page, chart);
            await Browser.KeepAsync(page, $"job-{tab}-wide-light");
        }

        // An address typed by hand may hold anything.
        await page.GotoAsync($"/jobs/{job}?tab=certificate&sample=x&with=1&rows=-3&k=9999999999");
        await ExpectChartAsync(page, "chart-certificate");
        await page.GetByTestId("tab-compare").ClickAsync();
        await ExpectChartAsync(page, "chart-compare-effects");

        // The tab is in the URL: a reload shows the same.
        Assert.Contains("compare", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await ExpectChartAsync(page, "chart-compare-effects");

        // A chart leaves the browser as a picture.
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("chart-compare-effects-svg").ClickAsync());
        Assert.EndsWith(".svg", download.SuggestedFilename, StringComparison.Ordinal);
        Assert.Empty(visit.Browser.Faults);
    }

    [Fact]
    public async Task ARunningJobIsCancelledAndRetriedFromItsPage()
    {
        await using var visit = await Visit.StartAsync();
        var (model, dataset) = await RealModels.AddCifarAsync(visit.Client);
        var job = await visit.Client.SubmitAsync("masked-samples", RealModels.MaskedSamples(model, dataset, 400));
        var page = await visit.PageAsync();
        await page.GotoAsync($"/jobs/{job}");
        await Expect(page.GetByTestId("progress-count")).ToBeVisibleAsync(Patient);
        await page.GetByTestId("job-cancel").ClickAsync();
        await ExpectStateAsync(page, "Cancelled");
        await Browser.KeepAsync(page, "job-cancelled-wide-light");
        await page.GetByTestId("job-retry").ClickAsync();
        await Expect(page.GetByTestId("job-state").First).ToContainTextAsync(new System.Text.RegularExpressions.Regex("queued|running"), new() { Timeout = 60_000 });
        await visit.Client.PostAsync($"/api/v1/jobs/{job}/cancel");
        await ExpectStateAsync(page, "Cancelled");
        await page.GotoAsync("/jobs?state=cancelled");
        await Expect(page.GetByTestId("job-row")).ToHaveCountAsync(1);
        await page.GotoAsync("/jobs?state=succeeded");
        await Expect(page.GetByTestId("job-row")).ToHaveCountAsync(0);
        Assert.Empty(visit.Browser.Faults);
    }

    [Fact]
    public async Task ARefusedUploadSaysWhyInWords()
    {
        await using var visit = await Visit.StartAsync();
        var page = await visit.PageAsync(width: 390);
        var file = Path.Combine(visit.Folder, "broken.onnx");
        await File.WriteAllTextAsync(file, "this is not a network", TestContext.Current.CancellationToken);
        await OpenModelFormAsync(page);
        await page.GetByTestId("model-file").SetInputFilesAsync(file);
        await page.GetByTestId("model-upload-submit").ClickAsync();
        await Expect(page.GetByTestId("upload-refused")).ToContainTextAsync("ONNX", new() { Timeout = 60_000 });
        await Browser.KeepAsync(page, "model-refused-narrow-light");
    }

    [Fact]
    public async Task EveryPageOpensInLightAndDarkWideAndNarrow()
    {
        await using var visit = await Visit.StartAsync();
        var page = await visit.PageAsync();
        foreach (var (path, name) in new[] { ("/", "overview-empty"), ("/models", "models-empty"), ("/datasets", "datasets-empty"), ("/jobs", "jobs-empty"), ("/no-such-page", "not-found") })
        {
            await OpenAsync(page, path);
            await LookAsync(page, name);
        }

        var (model, dataset) = await RealModels.AddCifarAsync(visit.Client);
        var job = await visit.Client.SubmitAsync("masked-samples", RealModels.MaskedSamples(model, dataset, 2, players: 6));
        await visit.Client.WaitAsync(job);
        foreach (var (path, name) in new[] { ("/", "overview"), ("/models", "models"), ($"/models/{model}", "model"), ("/datasets", "datasets"), ($"/datasets/{dataset}", "dataset"), ("/jobs", "jobs"), ($"/experiments/new?from={job}", "new"), ($"/jobs/{job}", "job") })
        {
            await OpenAsync(page, path);
            await LookAsync(page, name);
        }

        // One that is narrow and dark from the start.
        var phone = await visit.PageAsync(dark: true, width: 390);
        await OpenAsync(phone, $"/jobs/{job}");
        await ExpectChartAsync(phone, "chart-orders");
        Assert.True(await OverflowAsync(phone) <= 1);
        Assert.DoesNotContain(visit.Browser.Faults, f => !f.Contains("404", StringComparison.Ordinal));
    }

    private static async Task OpenModelFormAsync(IPage page)
    {
        await OpenAsync(page, "/models");
        await ClickUntilAsync(page.GetByTestId("model-add"), page.GetByTestId("model-file"));
    }

    /// <summary>Clicks until the effect shows: a click before the circuit is up does nothing.</summary>
    private static async Task ClickUntilAsync(ILocator button, ILocator effect)
    {
        for (var tries = 0; tries < 30 && !await effect.IsVisibleAsync(); tries++)
        {
            await button.ClickAsync();
            await effect.Page.WaitForTimeoutAsync(700);
        }

        await Expect(effect).ToBeVisibleAsync();
    }

    private static async Task UploadModelAsync(IPage page, string file)
    {
        await OpenModelFormAsync(page);
        await page.GetByTestId("model-file").SetInputFilesAsync(file);
        await page.GetByTestId("model-upload-submit").ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/models/", StringComparison.Ordinal), new() { Timeout = 60_000 });
        await OpenAsync(page, "/models");
        await Expect(page.GetByTestId("model-row")).ToHaveCountAsync(1, new() { Timeout = 60_000 });
    }

    private static async Task UploadCifarAsync(IPage page)
    {
        await OpenAsync(page, "/datasets");
        await ClickUntilAsync(page.GetByTestId("dataset-add"), page.GetByTestId("dataset-files"));
        await page.GetByTestId("dataset-format").SelectOptionAsync("cifar10");
        await page.GetByTestId("dataset-files").SetInputFilesAsync(SharedData.Path("data", "cifar10", "test_batch.bin"));
        await page.GetByTestId("dataset-mean").FillAsync("0.4914, 0.4822, 0.4465");
        await page.GetByTestId("dataset-std").FillAsync("0.2470, 0.2435, 0.2616");
        await page.GetByTestId("dataset-upload-submit").ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/datasets/", StringComparison.Ordinal), new() { Timeout = 60_000 });
        await Browser.KeepAsync(page, "dataset-uploaded-wide-light");
    }

    private static async Task<string> LaunchAsync(IPage page, int samplesTo, int players)
    {
        await OpenAsync(page, "/experiments/new");
        await Expect(page.GetByTestId("experiment-form")).ToBeVisibleAsync(Patient);
        await page.GetByTestId("model").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await page.GetByTestId("dataset").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await page.GetByTestId("samples-mode").SelectOptionAsync("range");
        await page.GetByTestId("samples-to").FillAsync($"{samplesTo}");
        await page.GetByTestId("samples-to").BlurAsync();
        await page.GetByTestId("players-select").FillAsync($"{players}");
        await page.GetByTestId("players-select").BlurAsync();
        await Expect(page.GetByTestId("player-grid")).ToBeVisibleAsync(Patient);
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "new-experiment-wide-light");
        await page.GetByTestId("submit").ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/jobs/", StringComparison.Ordinal), new() { Timeout = 60_000 });
        return new Uri(page.Url).Segments[^1];
    }
}
