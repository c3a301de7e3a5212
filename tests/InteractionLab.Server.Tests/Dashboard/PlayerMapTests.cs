using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Server.Components.Results;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests.Dashboard;

/// <summary>Players are drawn where the masks cut: patch r holds the pixels y with floor(y * rows / height) = r.</summary>
public sealed class PlayerMapTests
{
    [Theory]
    [InlineData(32, 32, 8, 8)]
    [InlineData(28, 30, 5, 7)]
    [InlineData(7, 11, 7, 3)]
    public void Patches_cover_every_pixel_once_and_by_the_rule(int height, int width, int rows, int columns)
    {
        var map = Map($$$"""{"players":{"type":"grid","rows":{{{rows}}},"columns":{{{columns}}}}}""", height, width);
        int[] cells = [.. Enumerable.Range(0, rows * columns)];
        var owner = new int[height * width];
        Array.Fill(owner, -1);
        foreach (var i in cells)
        {
            foreach (var patch in map.Patches(cells, i))
            {
                for (var y = patch.Y; y < patch.Y + patch.Height; y++)
                {
                    for (var x = patch.X; x < patch.X + patch.Width; x++)
                    {
                        Assert.Equal(-1, owner[y * width + x]);
                        owner[y * width + x] = i;
                    }
                }
            }
        }

        Assert.All(owner.Select((cell, at) => (cell, y: at / width, x: at % width)), p => Assert.Equal(p.y * rows / height * columns + p.x * columns / width, p.cell));
    }

    [Fact]
    public void Names_are_cells_of_the_grid_and_groups_are_drawn_whole()
    {
        var grid = Map("""{"players":{"type":"grid","rows":4,"columns":4}}""", 8, 8);
        Assert.Equal("{9, 3}", grid.Names([9, 3], [0, 1]));
        var groups = Map("""{"players":{"type":"groups","rows":4,"columns":4,"groups":[[0,5],[15]]}}""", 8, 8);
        Assert.Equal([new Patch(0, 0, 2, 2), new Patch(2, 2, 2, 2)], groups.Patches([0, 1], 0));
        var pixels = Map("""{"players":{"type":"groups","groups":[[3,67]]}}""", 8, 8);
        Assert.Equal([new Patch(3, 0, 1, 1)], pixels.Patches([0], 0));
    }

    [Fact]
    public void Players_of_a_text_are_called_by_their_words()
    {
        const string Tokens = """{"players":{"type":"tokens","select":2}}""";
        Assert.Equal("positions", Map(Tokens, 8, 8).Noun);
        var map = Map(Tokens, 8, 8, SampleKind.Text);
        Assert.Equal("words", map.Noun);
        Assert.Equal("{not, good}", map.Called(["not", "good"]).Names([4, 9], [0, 1]));
        Assert.Equal("{4, 9}", map.Names([4, 9], [0, 1]));
        Assert.Equal("{“,” at 2, “,” at 7, good}", map.Called([",", ",", "good"]).Names([2, 7, 9], [0, 1, 2]));
    }

    private static PlayerMap Map(string spec, int height, int width, SampleKind kind = SampleKind.Image)
    {
        var now = DateTimeOffset.UnixEpoch;
        var row = Rows.Running("job", cells: 1);
        row.Spec = spec;
        var job = JobView.From(row);
        var dataset = new DatasetView("data", "data", kind, 1, [3, height, width], 10, null, null, "npz", default, 0, now);
        return new PlayerMap(job, dataset);
    }
}
