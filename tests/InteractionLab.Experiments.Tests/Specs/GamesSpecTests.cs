using InteractionLab.Experiments.Tests.Common;

namespace InteractionLab.Experiments.Tests.Specs;

/// <summary>What a games spec may and may not say.</summary>
public sealed class GamesSpecTests : IDisposable
{
    private readonly Lab _lab = Lab.Tiny();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("""{}""", "games", "required")]
    [InlineData("""{"games": []}""", "games", "empty")]
    [InlineData("""{"games": 3}""", "games", "tables [[v..]..]")]
    [InlineData("""{"games": "nothing"}""", "games", "no dataset")]
    [InlineData("""{"games": "rows"}""", "games", "not tables")]
    [InlineData("""{"games": [[1, 2, 3]]}""", "games[0]", "3 values")]
    [InlineData("""{"games": [[1]]}""", "games[0]", "1 values")]
    [InlineData("""{"games": [[1, 2], [1, 2, 3, 4]]}""", "games[1]", "the first game 2")]
    [InlineData("""{"games": [[1, 2], [1, "NaN"]]}""", "games[1][1]", "finite number, not \"NaN\"")]
    [InlineData("""{"games": [[1, 2], [1e999, 2]]}""", "games[1][0]", "finite number")]
    [InlineData("""{"games": [[1, null]]}""", "games[0][1]", "finite number, not null")]
    [InlineData("""{"games": [[1, 2], [1, -1.7e308]]}""", "games[1][1]", "beyond 1e300")]
    [InlineData("""{"games": [[1, 2]], "names": ["a", "b"]}""", "names", "2 names for 1 games")]
    [InlineData("""{"games": [[1, 2]], "pairs": [[0, 1]]}""", "pairs[0][1]", "outside 0..0")]
    [InlineData("""{"games": [[1, 2], [3, 4]], "pairs": [[1, 1]]}""", "pairs[0]", "itself")]
    [InlineData("""{"games": [[1, 2], [3, 4]], "pairs": [[0, 1], [0, 1]]}""", "pairs[1]", "twice")]
    [InlineData("""{"games": [[1, 2], [3, 4]], "pairs": [[0, 1, 0]]}""", "pairs[0]", "[a, b]")]
    [InlineData("""{"games": [[1, 2], [3, 4]], "pairs": [[0, 1]], "interactions": {"solver": "paper"}}""", "interactions.solver", "no joint form")]
    [InlineData("""{"games": [[1, 2]], "model": "net"}""", "model", "not known")]
    public async Task A_single_fault_is_named(string spec, string field, string why)
    {
        var errors = await Job.Refused(_lab, "games", spec);
        Assert.Equal([field], errors.Keys);
        Assert.Contains(why, errors[field][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_value_at_fault_is_named_in_a_large_table()
    {
        var table = string.Join(", ", Enumerable.Range(0, 32).Select(mask => mask == 17 ? "\"inf\"" : $"{mask}"));
        var errors = await Job.Refused(_lab, "games", $$"""{"games": [[0,1], [0,1], [{{table}}]]}""");
        Assert.Equal(["games[2]", "games[2][17]"], errors.Keys.Order());
    }

    [Fact]
    public async Task Only_the_first_hundred_faults_are_listed()
    {
        var errors = await Job.Refused(_lab, "games", $$"""{"games": [[{{string.Join(", ", Enumerable.Repeat("null", 256))}}]]}""");
        Assert.Equal(101, errors.Count);
        Assert.Contains("156 further", errors["spec"][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_written_spec_reads_back()
    {
        _lab.AddGames("tables", [[0, 1, 2, 5], [1, 1, 0, 2]]);
        foreach (var games in new[] { "\"tables\"", "[[0, 0.1, 1e-300, 5], [1, 1, 0, 2]]" })
        {
            var first = (await Job.Plan(_lab, "games", $$"""{"games": {{games}}, "names": ["a", "b"], "pairs": [[1, 0]]}""")).Work;
            var again = (await Job.Plan(_lab, "games", first.Spec.GetRawText())).Work;
            Assert.Equal(first.Spec.GetRawText(), again.Spec.GetRawText());
            Assert.Equal(["game/0", "game/1", "pair/1-0"], again.Cells);
        }
    }
}
