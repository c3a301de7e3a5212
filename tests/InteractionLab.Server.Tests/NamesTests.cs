using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;

namespace InteractionLab.Server.Tests;

/// <summary>Names made of others: of a job and its steps, of a training and its epochs.</summary>
public sealed class NamesTests
{
    [Fact]
    public void A_long_name_keeps_its_ends_and_can_be_stored()
    {
        var name = Names.Fit(new string('n', Names.MaxLength) + ": low, seed 12");
        Assert.Equal(Names.MaxLength, name.Length);
        Assert.StartsWith("nnnn", name, StringComparison.Ordinal);
        Assert.EndsWith("n: low, seed 12", name, StringComparison.Ordinal);
        Assert.Equal(name, Names.Clean(name, string.Empty));
        Assert.Equal("short", Names.Fit("short"));
    }

    [Theory]
    [InlineData("a\u0007b")]
    [InlineData("a\u202eb")]
    [InlineData("\u2066ab")]
    [InlineData("a\u200bb")]
    [InlineData("a\u2028b")]
    [InlineData("a\U000E0041b")]
    public void What_is_not_seen_is_no_part_of_a_name(string name)
    {
        var refused = Assert.Throws<InvalidInputException>(() => Names.Clean(name, "file"));
        Assert.Equal(["must not have control characters or others that are not seen"], refused.Errors!["name"]);
        Assert.Equal("ab", Names.Clean(null, name));
        Assert.Equal("Größe \U0001F9EA ж", Names.Clean("Größe \U0001F9EA ж", "file"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void No_character_is_cut_in_two(int shift)
    {
        var name = Names.Fit(new string('n', shift) + string.Concat(Enumerable.Repeat("\U0001F9EA", 150)));
        Assert.InRange(name.Length, Names.MaxLength - 2, Names.MaxLength);
        Assert.Equal(name, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(name)));
    }
}
