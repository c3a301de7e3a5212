using InteractionLab.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>Texts on the dashboard: uploaded with a vocabulary, explained word by word.</summary>
public sealed class TextTests
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patient = new() { Timeout = 120_000 };

    [Fact]
    public async Task WordsAreThePlayersOfAText()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await LabProcess.StartAsync(folder.Path);
        using var client = new LabClient(lab.Address);
        await using var browser = await Browser.StartAsync();
        var page = await browser.PageAsync(lab.Address);
        var model = await client.AddModelAsync(SharedData.Path("models", "sst2_transformer.onnx"));

        var dataset = await UploadAsync(page);
        await Expect(page.GetByTestId("samples").GetByText("charming and often affecting journey")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "dataset-text-wide-light");

        await page.GotoAsync($"/experiments/new?model={model}&dataset={dataset}");
        await Expect(page.GetByTestId("players-stop")).ToBeVisibleAsync(Patient);
        await page.GetByTestId("samples-mode").SelectOptionAsync("random");
        await page.GetByTestId("samples-count").FillAsync("2");
        await page.GetByTestId("players-by").SelectOptionAsync("random");
        await page.GetByTestId("players-select").FillAsync("6");
        await page.GetByTestId("players-stop").FillAsync("the a .");
        await page.GetByTestId("players-stop").BlurAsync();
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Browser.KeepAsync(page, "new-experiment-text-wide-light");
        await page.GetByTestId("submit").ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/jobs/", StringComparison.Ordinal), new() { Timeout = 60_000 });
        var job = new Uri(page.Url).Segments[^1];
        await client.WaitAsync(job);

        var sample = (await client.GetAsync($"/api/v1/jobs/{job}/result"))["samples"]![0]!.AsObject();
        var names = sample["playerNames"]!.AsArray().Select(name => (string)name!).ToArray();
        Assert.Equal(6, names.Length);
        Assert.DoesNotContain("the", names);
        var text = (await client.GetAsync($"/api/v1/datasets/{dataset}/samples/{sample["index"]}"))["tokens"]!.AsArray();
        Assert.Equal(names, sample["players"]!.AsArray().Select(position => (string)text[(int)position!]!));

        await page.GotoAsync($"/jobs/{job}?tab=interactions");
        var row = page.GetByTestId("interaction-row").First;
        await Expect(row).ToBeVisibleAsync(Patient);
        var shown = await row.InnerTextAsync();
        Assert.Contains(names, name => shown.Contains(name, StringComparison.Ordinal));
        await Browser.KeepAsync(page, "job-interactions-text-wide-light");
        Assert.Empty(browser.Faults);
    }

    private static async Task<string> UploadAsync(IPage page)
    {
        await page.GotoAsync("/datasets");
        for (var tries = 0; tries < 30 && !await page.GetByTestId("dataset-files").IsVisibleAsync(); tries++)
        {
            await page.GetByTestId("dataset-add").ClickAsync();
            await page.WaitForTimeoutAsync(700);
        }

        await page.GetByTestId("dataset-format").SelectOptionAsync("tsv-text");
        await page.GetByTestId("dataset-files").SetInputFilesAsync([SharedData.Path("data", "sst2", "dev.tsv"), SharedData.Path("models", "sst2_vocab.txt")]);
        await page.GetByTestId("dataset-text").FillAsync("sentence");
        await page.GetByTestId("dataset-upload-submit").ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/datasets/", StringComparison.Ordinal), new() { Timeout = 60_000 });
        return new Uri(page.Url).Segments[^1];
    }
}
