using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>Hangfire's own pages under our content security policy, in a real browser.</summary>
public sealed class QueuePageTests
{
    [Fact]
    public async Task TheQueueIsSeenWithItsScriptsAndStyles()
    {
        await using var visit = await Visit.StartAsync();
        var page = await visit.PageAsync();
        await page.GotoAsync("/hangfire");
        await Expect(page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("InteractionLab queue"));

        // The graph is drawn by a script.
        await page.WaitForFunctionAsync("() => { const c = document.getElementById('realtimeGraph'); return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0); }");
        await page.GotoAsync("/hangfire/servers");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await Browser.KeepAsync(page, "hangfire-wide-light");
        Assert.Empty(visit.Browser.Faults);
    }
}
