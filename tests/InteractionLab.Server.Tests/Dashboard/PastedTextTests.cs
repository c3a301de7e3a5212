using System.Text.Json;
using InteractionLab.Server.Components.Datasets;
using InteractionLab.Server.Components.Experiments;

namespace InteractionLab.Server.Tests.Dashboard;

/// <summary>Whatever is pasted into a form is read or refused in words; none of it ends the page.</summary>
public sealed class PastedTextTests
{
    [Theory]
    [InlineData("""[{"v":[1,2,3,4]},3]""")]
    [InlineData("""[{"v":[1,2,3,4]},[1,2]]""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"v":[1],"v":[1]}""")]
    [InlineData("""[[1,2],{"v":1,"v":2}]""")]
    [InlineData("""{"games":[{"v":[1,2]},"x"]}""")]
    public void What_is_no_table_is_refused_at_the_field(string pasted)
    {
        var form = new GamesForm { Pasted = pasted };
        Assert.True(form.Refused);
        Assert.Contains("not tables", form.Understood, StringComparison.Ordinal);
        Assert.NotNull(form.Missing);
        Assert.Empty(form.ToSpec()["games"]!.AsArray());
    }

    [Fact]
    public void Tables_after_a_refusal_are_taken()
    {
        var form = new GamesForm { Pasted = """[{"v":[1,2]},3]""" };
        form.Pasted = "[[1, 2]]";
        Assert.False(form.Refused);
        Assert.Null(form.Missing);
    }

    [Theory]
    [InlineData("""{"mean":1,"mean":2}""")]
    [InlineData("{oops")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void Options_that_are_no_object_are_a_fault_before_the_upload(string more)
    {
        var form = new DatasetForm { More = more };
        Assert.NotNull(form.MoreFault);
        Assert.Equal("{}", form.OptionsJson);
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("""{"foo":1}""", """{"foo":1}""")]
    public void Options_that_are_an_object_are_sent(string more, string sent)
    {
        var form = new DatasetForm { More = more };
        Assert.Null(form.MoreFault);
        Assert.Equal(sent, form.OptionsJson);
    }

    [Fact]
    public void An_option_without_a_field_is_named_at_the_options()
    {
        var errors = new Dictionary<string, string[]> { ["options.foo"] = ["is not known"], ["options.mean"] = ["must be a list"], ["options.label"] = ["is not known"] };
        var faults = new DatasetForm { FormatName = "cifar10" }.Place(errors);
        Assert.Equal(["options.foo: is not known", "options.label: is not known"], faults.At("options"));
        Assert.Equal(["must be a list"], faults.At("options.mean"));
        Assert.Empty(faults.Unplaced);
    }

    [Theory]
    [InlineData("""{"type":"groups","rows":4,"columns":4,"groups":[]}""")]
    [InlineData("""{"type":"groups","rows":4,"columns":4,"groups":[3]}""")]
    [InlineData("""{"type":"groups","rows":4,"columns":4,"groups":[["a"]]}""")]
    public void A_click_fills_a_group_of_a_spec_without_any(string players)
    {
        var form = new PlayersForm();
        form.Groups.Add([]);
        form.CurrentGroup = 1;
        form.ReadFrom(JsonSerializer.Deserialize<JsonElement>(players));
        form.Toggle(5);
        Assert.Equal([5], Assert.Single(form.Groups));
    }
}
