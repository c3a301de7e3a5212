using System.Text.Json;
using InteractionLab.Server.Components.Experiments;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Tests.Dashboard;

/// <summary>The form of a new experiment says what the API takes, and places what the API refuses.</summary>
public sealed class FormTests
{
    [Theory]
    [InlineData("""{"samples":[0,3,8],"players":{"type":"grid","rows":7,"columns":5,"by":"list","cells":[8,1,20]},"baseline":{"type":"constant","value":[0.5,-1,2]},"value":{"type":"logit","target":3}}""")]
    [InlineData("""{"samples":{"from":2,"to":9},"players":{"type":"grid","rows":8,"columns":8,"select":10,"by":"random","seed":4},"baseline":{"type":"zero"},"value":{"type":"log-odds","target":"predicted"}}""")]
    [InlineData("""{"samples":{"count":5,"seed":1,"correctOnly":true,"perClass":true},"players":{"type":"groups","rows":4,"columns":4,"groups":[[0,1],[5]]},"baseline":{"type":"dataset-mean"},"value":{"type":"probability","target":"label"}}""")]
    [InlineData("""{"samples":{"from":0,"to":1},"players":{"type":"groups","groups":[[0,3000],[7]]},"baseline":{"type":"zero"},"value":{"type":"logit","target":"label"}}""")]
    [InlineData("""{"samples":{"from":0,"to":1},"players":{"type":"columns"},"baseline":{"type":"zero"},"value":{"type":"logit","target":"label"}}""")]
    [InlineData("""{"samples":[0],"players":{"type":"tokens","select":10,"seed":4,"stopWords":["the","."]},"baseline":{"type":"token","value":2},"value":{"type":"logit","target":"label"}}""")]
    [InlineData("""{"samples":[0],"players":{"type":"tokens","select":"all"},"baseline":{"type":"token"},"value":{"type":"logit","target":"label"}}""")]
    [InlineData("""{"samples":[0],"players":{"type":"tokens","groups":[[0,1],[5]]},"baseline":{"type":"zero"},"value":{"type":"logit","target":"label"}}""")]
    public void MaskedSamples_form_gives_back_the_spec_it_was_filled_from(string parts)
    {
        var given = JsonSerializer.Deserialize<JsonElement>(parts);
        var form = new MaskedSamplesForm();
        form.ReadFrom(given);
        var spec = JsonSerializer.SerializeToElement(form.ToSpec());
        foreach (var part in given.EnumerateObject())
        {
            Assert.True(JsonElement.DeepEquals(part.Value, spec.GetProperty(part.Name)), $"{part.Name}: {part.Value} became {spec.GetProperty(part.Name)}");
        }
    }

    [Fact]
    public void What_is_not_a_number_goes_to_the_server_as_it_was_typed()
    {
        var form = new MaskedSamplesForm();
        form.Game.Interactions.Noise = "a little";
        Assert.Equal("a little", form.ToSpec()["interactions"]!["noise"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("[[0, 1], [2, 3]]", 2)]
    [InlineData("[0, 1, 2, 4]", 1)]
    [InlineData("""[{"name": "a", "v": [0, 1]}, {"name": "b", "v": [1, 0]}]""", 2)]
    [InlineData("""{"games": [[0, 1]]}""", 1)]
    public void Games_form_understands_what_is_pasted(string pasted, int games)
    {
        var form = new GamesForm { Pasted = pasted };
        Assert.Null(form.Missing);
        Assert.Equal(games, form.ToSpec()["games"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("[[0, 1")]
    [InlineData("\"text\"")]
    public void Games_form_says_when_nothing_was_understood(string pasted)
    {
        var form = new GamesForm { Pasted = pasted };
        Assert.NotNull(form.Missing);
        Assert.NotEmpty(form.Understood);
    }

    [Fact]
    public void A_fault_is_placed_at_the_nearest_field_and_the_rest_is_kept()
    {
        var fault = new Fault(400, "", "", new Dictionary<string, string[]>
        {
            ["players.cells[3]"] = ["outside the grid"],
            ["players.rows"] = ["must be a number"],
            ["elsewhere"] = ["is not known"],
        });
        var faults = FormFaults.From(fault, ["players", "players.rows", "players.cells"]);
        Assert.Equal(["players.cells[3]: outside the grid"], faults.At("players.cells"));
        Assert.Equal(["must be a number"], faults.At("players.rows"));
        Assert.Empty(faults.At("players"));
        Assert.Equal([("elsewhere", "is not known")], faults.Unplaced);
    }
}
