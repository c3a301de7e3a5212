using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>What every walk through the dashboard does.</summary>
internal static class Walk
{
    public static readonly LocatorAssertionsToBeVisibleOptions Patient = new() { Timeout = 120_000 };
    private static readonly (bool Dark, int Width, string Name)[] Looks = [(false, 1440, "wide-light"), (true, 1440, "wide-dark"), (false, 390, "narrow-light"), (true, 390, "narrow-dark")];

    // Charts follow a new width a tenth of a second later.
    private const int Settling = 400;

    /// <summary>Every tab in every look: nothing is wider than the screen, and no chart has failed.</summary>
    public static async Task LookAsync(Visit visit, params (string Name, string Job, string[] Tabs)[] jobs)
    {
        var page = await visit.PageAsync();
        foreach (var (name, job, tabs) in jobs)
        {
            foreach (var tab in tabs)
            {
                await OpenAsync(page, $"/jobs/{job}?tab={tab}");
                await Expect(page.GetByTestId("job-tabs")).ToBeVisibleAsync(Patient);
                await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0, new() { Timeout = 120_000 });
                await LookAsync(page, $"{name}-{tab.Split('&')[0]}");
            }
        }

        await page.Context.CloseAsync();
    }

    /// <summary>The page that is open in every look, without loading it again.</summary>
    public static async Task LookAsync(IPage page, string name)
    {
        foreach (var (dark, width, look) in Looks)
        {
            await TurnAsync(page, dark, width);
            Assert.Equal(0, await page.Locator(".chart-failed").CountAsync());
            await Browser.KeepAsync(page, $"{name}-{look}");
            var overflow = await OverflowAsync(page);
            Assert.True(overflow <= 1, $"{name} is {overflow} px wider than a screen of {width} px");
        }
    }

    /// <summary>Another colour scheme and screen for the page that is open.</summary>
    public static async Task TurnAsync(IPage page, bool dark, int width)
    {
        await Browser.TurnAsync(page, dark, width);
        await page.WaitForTimeoutAsync(Settling);
    }

    /// <summary>By how many pixels a page is wider than the screen.</summary>
    public static Task<int> OverflowAsync(IPage page) => page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");

    public static async Task OpenAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await Expect(page.GetByTestId("shell")).ToBeVisibleAsync(Patient);
        await Expect(page.Locator("h1").First).ToBeVisibleAsync(Patient);
        await Expect(page.GetByTestId("loading")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
    }

    public static async Task FillAsync(IPage page, string field, string text)
    {
        await page.GetByTestId(field).FillAsync(text);
        await page.GetByTestId(field).BlurAsync();
    }

    public static async Task<string> SubmitAsync(IPage page)
    {
        await page.GetByTestId("submit").ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/jobs/", StringComparison.Ordinal), new() { Timeout = 60_000 });
        return new Uri(page.Url).Segments[^1];
    }

    public static Task ExpectStateAsync(IPage page, string state) =>
        Expect(page.GetByTestId("job-state").First).ToContainTextAsync(state, new() { Timeout = 120_000, IgnoreCase = true });

    public static Task ExpectChartAsync(IPage page, string chart) =>
        Expect(page.GetByTestId(chart).Locator("svg.main-svg").First).ToBeVisibleAsync(Patient);

    /// <summary>How many traces a drawn chart has.</summary>
    public static async Task<int> TracesAsync(IPage page, string chart)
    {
        await ExpectChartAsync(page, chart);
        return await page.GetByTestId(chart).Locator(".js-plotly-plot").EvaluateAsync<int>("plot => plot.data.length");
    }
}
