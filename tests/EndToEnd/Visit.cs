using Microsoft.Playwright;

namespace InteractionLab.EndToEnd;

/// <summary>A server over an empty data directory, and a browser that visits it.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private Visit()
    {
    }

    public LabProcess Lab { get; private set; } = null!;

    public Browser Browser { get; private set; } = null!;

    public LabClient Client => Lab.Client;

    /// <summary>Where the server keeps its data.</summary>
    public string Folder => _folder.Path;

    public static async Task<Visit> StartAsync()
    {
        var visit = new Visit();
        try
        {
            visit.Browser = await Browser.StartAsync();
            visit.Lab = await LabProcess.StartAsync(visit._folder.Path);
            return visit;
        }
        catch
        {
            await visit.DisposeAsync();
            throw;
        }
    }

    public Task<IPage> PageAsync(bool dark = false, int width = 1440) => Browser.PageAsync(Lab.Address, dark, width);

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        if (Lab is not null)
        {
            await Lab.DisposeAsync();
        }

        _folder.Dispose();
    }
}
