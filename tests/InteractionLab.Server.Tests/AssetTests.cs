using InteractionLab.Server.Tests.Support;
using InteractionLab.Testing;

namespace InteractionLab.Server.Tests;

/// <summary>The scripts and styles that the pages name come from packages, whose files have their versions in their names.</summary>
public sealed class AssetTests
{
    [Theory]
    [InlineData("/_framework/blazor.web.js", "Blazor")]
    [InlineData("/_content/Radzen.Blazor/Radzen.Blazor.js", "Radzen")]
    [InlineData("/InteractionLab.Server.styles.css", "[b-")]
    [InlineData("/js/chart.js", "/_content/Plotly.Blazor/")]
    public async Task An_asset_is_served(string path, string content)
    {
        await using var server = await LabServer.StartAsync();
        Assert.Contains(content, await server.Client.GetStringAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plotly_that_the_charts_load_is_served_and_has_their_traces()
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "wwwroot", "js", "chart.js"));
        var path = script.Split('"').Single(text => text.StartsWith("/_content/Plotly.Blazor/", StringComparison.Ordinal));
        await using var server = await LabServer.StartAsync();
        var plotly = await server.Client.GetStringAsync(path);
        Assert.All(new[] { "scatter", "bar", "heatmap" }, trace => Assert.Contains($"name:\"{trace}\"", plotly, StringComparison.Ordinal));
    }
}
