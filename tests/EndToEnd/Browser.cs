using System.Globalization;
using InteractionLab.Testing;
using Microsoft.Playwright;

namespace InteractionLab.EndToEnd;

/// <summary>Debian's Chromium, driven for real. Screenshots are kept under <c>artifacts/screenshots</c> in the repository.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _faults = [];

    private Browser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Errors the pages wrote to the console or threw.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public static async Task<Browser> StartAsync()
    {
        var executable = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(executable is null, "Chromium is not installed (./test.sh installs Debian's package chromium).");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        return new Browser(playwright, browser);
    }

    /// <summary>A page of its own context: own storage, own circuit.</summary>
    public async Task<IPage> PageAsync(Uri address, bool dark = false, int width = 1440)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = width, Height = HeightOf(width) },

            // What moves while a page waits is painted by the processors that the server computes on.
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => Remember(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                Remember(message.Text);
            }
        };
        return page;
    }

    /// <summary>Another colour scheme and screen for the pages that are opened from now on.</summary>
    public static async Task TurnAsync(IPage page, bool dark, int width)
    {
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
        await page.SetViewportSizeAsync(width, HeightOf(width));
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    /// <summary>Keeps a picture of the page for people to look at. On a busy machine Chromium now and then draws no frame after a change of size; asked again, it does.</summary>
    public static async Task KeepAsync(IPage page, string name)
    {
        const int Tries = 4;
        var folder = Path.Combine(Repository.Root, "artifacts", "screenshots");
        Directory.CreateDirectory(folder);
        for (var left = Tries; ; left--)
        {
            try
            {
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}.png")), FullPage = true, Timeout = 30_000 });
                return;
            }
            catch (TimeoutException) when (left > 1)
            {
            }
        }
    }

    private static int HeightOf(int width) => width < 600 ? 844 : 900;

    private void Remember(string fault)
    {
        lock (_faults)
        {
            _faults.Add(fault);
        }
    }
}
