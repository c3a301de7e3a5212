using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Experiments.Tests.Common;

namespace InteractionLab.Experiments.Tests.Specs;

/// <summary>What a masked-samples spec may and may not say.</summary>
public sealed class MaskedSamplesSpecTests : IDisposable
{
    private readonly Lab _lab = Lab.Tiny(maxForwardPasses: 1_000_000);

    public void Dispose() => _lab.Dispose();

    /// <summary>A good spec with some fields replaced: <c>{"a.b": value}</c>; a value of undefined removes.</summary>
    internal static string Spec(string changes = "{}")
    {
        var spec = JsonNode.Parse("""{"model": "net", "dataset": "pictures", "samples": [0, 1], "players": {"type": "grid", "rows": 4, "columns": 4, "select": 6, "by": "random", "seed": 3}}""")!.AsObject();
        foreach (var (path, value) in JsonNode.Parse(changes)!.AsObject())
        {
            var parts = path.Split('.');
            var at = spec;
            foreach (var part in parts[..^1])
            {
                at = (at[part] ??= new JsonObject()).AsObject();
            }

            at[parts[^1]] = value?.DeepClone();
        }

        return spec.ToJsonString();
    }

    [Fact]
    public async Task Five_faults_are_all_named()
    {
        var errors = await Job.Refused(_lab, "masked-samples", """
            {"model": "nobody", "dataset": "pictures", "samples": [0, 4000], "players": {"type": "grid", "rows": 4, "columns": 4, "by": "list", "cells": [1, 2, 99]},
             "value": {"type": "log-odds", "target": -1}, "colour": "red"}
            """);
        Assert.Equal(["colour", "model", "players.cells[2]", "samples[1]", "value.target"], errors.Keys.Order());
        Assert.Contains("99 is outside 0..15", errors["players.cells[2]"][0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"players": {"type": "grid", "rows": 8, "columns": 8, "select": 17, "by": "random"}}""", "players.select")]
    [InlineData("""{"players": {"type": "grid", "rows": 8, "columns": 8}}""", "players.select")]
    [InlineData("""{"players": {"type": "grid", "rows": 3, "columns": 3, "select": 10}}""", "players.select")]
    [InlineData("""{"players": {"type": "grid", "rows": 0, "columns": 8, "select": 17}}""", "players.rows players.select")]
    [InlineData("""{"players": {"type": "grid", "rows": 8, "columns": 8, "cells": [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,64]}}""", "players.cells players.cells[16]")]
    [InlineData("""{"players": {"type": "groups", "groups": [[0],[1],[2],[3],[4],[5],[6],[7],[8],[9],[10],[11],[12],[13],[14],[15],[16]]}}""", "players.groups")]
    public async Task What_needs_no_dataset_is_named_without_one(string changes, string fields)
    {
        var spec = JsonNode.Parse(changes)!.AsObject();
        spec["dataset"] = "nothing";
        spec["value"] = JsonNode.Parse("""{"type": "logit", "target": 99}""");
        var errors = await Job.Refused(_lab, "masked-samples", Spec(spec.ToJsonString()));
        Assert.Equal([.. $"dataset {fields} value.target".Split(' ')], errors.Keys.Order(StringComparer.Ordinal));

        spec["model"] = "nobody";
        errors = await Job.Refused(_lab, "masked-samples", Spec(spec.ToJsonString()));
        Assert.Equal([.. $"dataset model {fields}".Split(' ')], errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_dataset_that_does_not_fit_hides_no_fault_of_the_samples()
    {
        var errors = await Job.Refused(_lab, "masked-samples", Spec("""{"dataset": "rows", "samples": [5000]}"""));
        Assert.Equal(["dataset", "samples[0]"], errors.Keys.Order());
    }

    [Fact]
    public async Task A_wrong_choice_hides_no_fault_of_the_grid()
    {
        var errors = await Job.Refused(_lab, "masked-samples", Spec("""{"players.rows": 9, "players.select": 17}"""));
        Assert.Equal(["players.rows", "players.select"], errors.Keys.Order());
    }

    [Theory]
    [InlineData("""{"model": null}""", "model", "required")]
    [InlineData("""{"model": 7}""", "model", "a string, not 7")]
    [InlineData("""{"model": "nobody"}""", "model", "no model 'nobody'")]
    [InlineData("""{"model": "ints"}""", "dataset", "int64")]
    [InlineData("""{"dataset": "nothing"}""", "dataset", "no dataset 'nothing'")]
    [InlineData("""{"dataset": "rows"}""", "dataset", "[6], the model's input 'x' takes [3, 8, 8]")]
    [InlineData("""{"samples": null}""", "samples", "required")]
    [InlineData("""{"samples": []}""", "samples", "empty")]
    [InlineData("""{"samples": [1, 1]}""", "samples[1]", "already")]
    [InlineData("""{"samples": [1.5]}""", "samples[0]", "whole number")]
    [InlineData("""{"samples": [40]}""", "samples[0]", "outside 0..39")]
    [InlineData("""{"samples": {"from": 5, "to": 5}}""", "samples.to", "above from")]
    [InlineData("""{"samples": {"from": 0, "to": 41}}""", "samples.to", "40 samples")]
    [InlineData("""{"samples": {"count": 41}}""", "samples.count", "40 samples")]
    [InlineData("""{"samples": {"count": 11, "perClass": true}}""", "samples.count", "class 0 has 10")]
    [InlineData("""{"samples": {"count": 2, "speed": 3}}""", "samples.speed", "not known")]
    [InlineData("""{"players": null}""", "players", "required")]
    [InlineData("""{"players": {"type": "ghosts"}}""", "players.type", "grid, columns, tokens, groups")]
    [InlineData("""{"players": {"type": "tokens"}}""", "players.type", "tokens need a dataset of texts")]
    [InlineData("""{"players": {"type": "columns"}}""", "players.type", "need a table")]
    [InlineData("""{"players.select": 17}""", "players.select", "17 cells of a grid that has 16")]
    [InlineData("""{"players.rows": 8, "players.select": 17}""", "players.select", "17 players")]
    [InlineData("""{"players.rows": 9}""", "players.rows", "8 pixels high")]
    [InlineData("""{"players": {"type": "grid", "rows": 8, "columns": 8}}""", "players.select", "64 players")]
    [InlineData("""{"players.by": "attribution", "players.cells": [1]}""", "players.cells", "no cells are listed")]
    [InlineData("""{"players": {"type": "grid", "rows": 4, "columns": 4, "by": "attribution"}}""", "players.select", "how many cells is required")]
    [InlineData("""{"players.by": "list"}""", "players.cells", "required")]
    [InlineData("""{"players": {"type": "grid", "rows": 8, "columns": 8, "cells": [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}}""", "players.cells", "17 players")]
    [InlineData("""{"players": {"type": "grid", "rows": 2, "columns": 2, "cells": [0, 4]}}""", "players.cells[1]", "4 is outside 0..3")]
    [InlineData("""{"players": {"type": "grid", "rows": 2, "columns": 2, "cells": [3, 3]}}""", "players.cells[1]", "twice")]
    [InlineData("""{"players": {"type": "grid", "rows": 2, "columns": 2, "cells": [0, 1], "select": 3}}""", "players.select", "2 cells are listed")]
    [InlineData("""{"players": {"type": "groups", "groups": [[0, 1], [192]]}}""", "players.groups[1][0]", "192 is outside 0..191")]
    [InlineData("""{"players": {"type": "groups", "groups": [[0, 1], [1]]}}""", "players.groups[1][0]", "twice")]
    [InlineData("""{"players": {"type": "groups", "groups": [[0], []]}}""", "players.groups[1]", "empty")]
    [InlineData("""{"players": {"type": "groups", "rows": 2, "columns": 2, "groups": [[0], [4]]}}""", "players.groups[1][0]", "outside 0..3")]
    [InlineData("""{"cut": "relu1"}""", "cut", "no tensor 'relu1'")]
    [InlineData("""{"baseline": {"type": "token"}}""", "baseline.type", "token needs a dataset of texts")]
    [InlineData("""{"baseline": {"type": "constant"}}""", "baseline.value", "required")]
    [InlineData("""{"baseline": {"type": "constant", "value": [1, 2]}}""", "baseline.value", "give one, or 3")]
    [InlineData("""{"baseline": {"type": "zero", "value": 1}}""", "baseline.value", "only a constant")]
    [InlineData("""{"outside": "vanish"}""", "outside", "keep, baseline")]
    [InlineData("""{"value": {"type": "loss"}}""", "value.type", "log-odds, logit, probability")]
    [InlineData("""{"value": {"target": 4}}""", "value.target", "outside 0..3")]
    [InlineData("""{"value": {"target": "dog"}}""", "value.target", "\"label\", \"predicted\"")]
    [InlineData("""{"dataset": "bare", "value": {"target": "label"}}""", "value.target", "no labels")]
    [InlineData("""{"dataset": "bare", "samples": {"count": 2, "correctOnly": true}}""", "samples.correctOnly", "no labels")]
    [InlineData("""{"dataset": "many-classes", "samples": [3, 7]}""", "samples", "sample 7 has label 7")]
    [InlineData("""{"interactions": {"solver": "magic"}}""", "interactions.solver", "certified, paper, half")]
    [InlineData("""{"interactions": {"noise": 2}}""", "interactions.noise", "at most 1")]
    [InlineData("""{"interactions": {"gap": 0}}""", "interactions.gap", "above 0")]
    [InlineData("""{"interactions": {"iterations": 0}}""", "interactions.iterations", "from 1")]
    [InlineData("""{"interactions": {"learningRate": -1}}""", "interactions.learningRate", "above 0")]
    [InlineData("""{"salience": {"rule": "top-k", "factor": 1}}""", "salience.factor", "takes k")]
    [InlineData("""{"salience": {"k": 3, "rule": "mean-span"}}""", "salience.k", "only top-k")]
    [InlineData("""{"salience": {"factor": "big"}}""", "salience.factor", "finite number, not \"big\"")]
    [InlineData("""{"device": "tpu"}""", "device", "auto, cpu, cuda")]
    [InlineData("""{"batch": 0}""", "batch", "\"auto\"")]
    [InlineData("""{"seed": -1}""", "seed", "from 0")]
    public async Task A_single_fault_is_named(string change, string field, string why)
    {
        var errors = await Job.Refused(_lab, "masked-samples", Spec(change));
        Assert.Equal([field], errors.Keys);
        Assert.Contains(why, string.Join('\n', errors[field]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seventeen_columns_are_too_many()
    {
        _lab.AddModel("wide-net", TinyNetwork.Onnx([17], 3));
        var errors = await Job.Refused(_lab, "masked-samples", """{"model": "wide-net", "dataset": "wide", "samples": [0], "players": {"type": "columns"}}""");
        Assert.Contains("17 players", Assert.Single(errors["players"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cap_on_forward_passes_holds()
    {
        var spec = Spec("""{"samples": {"from": 0, "to": 40}, "players": {"type": "grid", "rows": 4, "columns": 4}}""");
        var errors = await Job.Refused(_lab, "masked-samples", spec);
        Assert.Contains("2621480 forward passes; one job may ask for 1000000", Assert.Single(errors["samples"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"spec\"")]
    public async Task A_spec_that_is_no_object_is_refused(string spec) =>
        Assert.Equal(["spec"], (await Job.Refused(_lab, "masked-samples", spec)).Keys);

    [Fact]
    public async Task A_field_given_twice_is_a_fault() =>
        Assert.Equal(["seed"], (await Job.Refused(_lab, "masked-samples", Spec().TrimEnd('}') + "}, \"seed\": 1, \"seed\": 2}")).Keys);

    [Fact]
    public async Task Defaults_are_filled_in_and_planning_again_changes_nothing()
    {
        var first = (await Job.Plan(_lab, "masked-samples", Spec())).Work;
        Assert.Equal("dataset-mean", first.Spec.GetProperty("baseline").GetProperty("type").GetString());
        Assert.Equal("label", first.Spec.GetProperty("value").GetProperty("target").GetString());
        Assert.Equal("certified", first.Spec.GetProperty("interactions").GetProperty("solver").GetString());
        Assert.Equal(0.05, first.Spec.GetProperty("salience").GetProperty("factor").GetDouble());
        Assert.Equal("auto", first.Spec.GetProperty("batch").GetString());

        var again = (await Job.Plan(_lab, "masked-samples", first.Spec.GetRawText())).Work;
        Assert.Equal(first.Spec.GetRawText(), again.Spec.GetRawText());
        Assert.Equal(first.Cells, again.Cells);
        Assert.Equal(["sample/0", "sample/1"], first.Cells);
        Assert.Equal((2 * 64) + 2, first.Estimate.ForwardPasses);
        Assert.Equal(["net"], first.Models);
        Assert.Equal(["pictures"], first.Datasets);
    }

    [Theory]
    [InlineData("""{"samples": {"from": 2, "to": 4}}""")]
    [InlineData("""{"samples": {"count": 3, "seed": 9, "perClass": true, "correctOnly": true}}""")]
    [InlineData("""{"baseline": {"type": "constant", "value": [0.5, 1, 2]}, "batch": 16, "value": {"type": "logit", "target": 0}}""")]
    [InlineData("""{"salience": {"rule": "top-k", "k": 7}, "interactions": {"solver": "paper", "iterations": 10, "learningRate": 0.1}}""")]
    [InlineData("""{"players": {"type": "groups", "groups": [[0, 5], [9]]}, "outside": "baseline"}""")]
    [InlineData("""{"players": {"type": "groups", "rows": 2, "columns": 2, "groups": [[0, 3], [1]]}}""")]
    [InlineData("""{"players": {"type": "grid", "rows": 3, "columns": 3}}""")]
    public async Task A_written_spec_reads_back(string change)
    {
        var first = (await Job.Plan(_lab, "masked-samples", Spec(change))).Work;
        var again = (await Job.Plan(_lab, "masked-samples", first.Spec.GetRawText())).Work;
        Assert.Equal(first.Spec.GetRawText(), again.Spec.GetRawText());
        var type = ExperimentCatalog.Find("masked-samples")!.SpecType;
        Assert.Equal(first.Spec.GetRawText(), JsonSerializer.Serialize(first.Spec.Deserialize(type, LabJson.Options), type, LabJson.Options));
    }

    [Fact]
    public async Task Without_labels_the_predicted_class_is_the_default() =>
        Assert.Equal("predicted", (await Job.Plan(_lab, "masked-samples", Spec("""{"dataset": "bare"}"""))).Work.Spec.GetProperty("value").GetProperty("target").GetString());
}
