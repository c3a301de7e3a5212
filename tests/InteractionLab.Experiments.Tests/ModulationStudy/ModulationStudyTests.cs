using System.Text.Json;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.ModulationStudy;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Training;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.Tests.ModulationStudy;

/// <summary>Modulation studies on tiny data; their children run at once. The chain over a server is in EndToEnd.</summary>
public sealed class ModulationStudyTests
{
    private const string Kind = "modulation-study";

    private const string Rows = """
        {"data": {"dataset": "rows", "testShare": 0.4}, "seed": 7, "samples": 3, "seeds": 2,
         "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 2, "batchSize": 4, "device": "cpu"},
         "macro": {"robustness": {"epsilon": 0.3, "steps": 3, "stepSize": 0.2}}}
        """;

    private const string Pictures = """
        {"train": {"dataset": "pictures", "samples": {"from": 0, "to": 24}}, "test": {"dataset": "pictures", "samples": {"from": 24, "to": 40}}, "samples": 2,
         "variants": ["normal", {"modulation": [{"type": "encourage", "from": 0, "to": 0.5}, {"type": "suppress", "from": 0.5, "to": 1, "weight": 0.5}], "name": "both"}],
         "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 1, "batchSize": 8, "seed": 3, "device": "cpu", "players": {"type": "grid", "rows": 2, "columns": 4, "select": "all"}, "baseline": {"type": "zero"}},
         "profile": {"orders": "all"}}
        """;

    [Fact]
    public async Task A_study_trains_profiles_and_tests_every_variant_with_every_seed()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, Kind, Rows);
        Assert.Equal(
            ["network-1-1", "network-2-1", "network-3-1", "network-4-1", "network-1-2", "network-2-2", "network-3-2", "network-4-2", "profile", "macro"], job.Work.Cells);
        var result = await job.Result<ModulationStudyResult>();
        Assert.Equal(["normal", "low", "mid", "high"], result.Variants.Select(variant => variant.Name));
        Assert.Equal([ModulationPreset.Normal, ModulationPreset.Low, ModulationPreset.Mid, ModulationPreset.High], result.Variants.Select(variant => variant.Preset!.Value));
        Assert.All(result.Variants, variant => Assert.Equal([7, 8], variant.Networks.Select(network => network.Seed)));
        Assert.Equal((12, 8), (result.TrainSamples, result.TestSamples));

        // The trainings differ in seed and modulation alone, and the profiles are of the networks they ended with.
        var trainings = result.Steps.Where(step => step.Kind == "training").Select(step => step.Result.Deserialize<TrainingResult>(LabJson.Options)!).ToArray();
        Assert.Equal(8, trainings.Select(training => training.Snapshots.Single().Sha256).Distinct().Count());
        Assert.Equal(result.Variants.SelectMany(variant => variant.Networks).Select(network => network.Model), result.Profile!.Models.Select(model => model.Model));
        Assert.Equal(result.Profile.Models.Select(model => model.Model), result.Macro!.Models.Select(model => model.Model));
        var low = (await lab.FindJobAsync(result.Steps[1].Job, TestContext.Current.CancellationToken))!.Spec.Deserialize<TrainingSpec>(LabJson.Options)!;
        Assert.Equal((7, ModulationReader.Of(ModulationPreset.Low)[0]), (low.Seed, Assert.Single(low.Modulation)));

        // Rows have no structure; the other columns are filled.
        Assert.All(result.Table2.Rows, row => Assert.Null(row.Structure));
        Assert.All(result.Table2.Rows, row => Assert.Equal(2, row.Robustness!.Values.Count));
        Assert.Empty(result.Curves);
        Assert.Equal(Naive(result, model => model.Fit!.TrainLoss), result.Table2.Rows.Select(row => (row.Fitting!.Value!.Value, row.Fitting.StandardError!.Value)));
        Assert.Equal(Naive(result, model => model.Fit!.TestLoss - model.Fit.TrainLoss), result.Table2.Rows.Select(row => (row.Generalization!.Value!.Value, row.Generalization.StandardError!.Value)));
        Assert.Equal(Naive(result, model => model.Robustness!.AttackedAccuracy), result.Table2.Rows.Select(row => (row.Robustness!.Value!.Value, row.Robustness.StandardError!.Value)));
        Assert.Equal(["table2", "profiles", "thirds", "curves", "epochs", "steps"], (await job.Complete()).Tables.Select(table => table.Name));
    }

    [Fact]
    public async Task Profiles_and_their_movement_follow_from_the_profiles_of_the_networks()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var result = await (await Job.Run(lab, Kind, Rows)).Result<ModulationStudyResult>();
        Assert.Null(result.Profiles[0].StrengthChange);
        for (var v = 0; v < 4; v++)
        {
            var (own, plain) = (Of(result, v), Of(result, 0));
            var profile = result.Profiles[v];
            for (var k = 0; k < profile.Orders.Count; k++)
            {
                Assert.Equal((own[0].Strength![k] + own[1].Strength![k]) / 2, profile.Strength[k].Value!.Value, 1e-12);
                Assert.Equal(Math.Abs(own[0].Magnitude[k] - own[1].Magnitude[k]) / 2, profile.Magnitude[k].StandardError!.Value, 1e-12);
                if (v > 0)
                {
                    double[] changes = [own[0].Magnitude[k] - plain[0].Magnitude[k], own[1].Magnitude[k] - plain[1].Magnitude[k]];
                    Assert.Equal(changes.Average(), profile.MagnitudeChange![k].Value!.Value, 1e-12);
                    Assert.Equal(Math.Abs(changes[0] - changes[1]) / 2, profile.MagnitudeChange[k].StandardError!.Value, 1e-12);
                }
            }

            // Six players: orders 0 to 4, ratios by quarters, thirds {0, 1}, {2}, {3, 4}.
            Assert.Equal(1, profile.Thirds.Sum(third => third.Share!.Value!.Value), 1e-12);
            Assert.Equal([0.4, 0.2, 0.4], profile.Thirds.Select(third => third.Flat!.Value));
            Assert.Equal(own.Average(one => (one.Strength![0] + one.Strength[1]) / one.Strength.Sum()), profile.Thirds[0].Share!.Value!.Value, 1e-12);
            Assert.Equal(own.Average(one => one.Strength![2] / one.Strength.Sum()), profile.Thirds[1].Share!.Value!.Value, 1e-12);
            Assert.Equal(v == 0 ? null : v - 1, profile.Thirds.Index().Where(third => third.Item.Intended).Select(third => (int?)third.Index).SingleOrDefault());
        }

        var effect = Assert.Single(result.Profiles[3].Effects);
        Assert.Equal((0.0, 0.5), (effect.From, effect.To));
        Assert.Equal(Of(result, 3).Average(one => one.Magnitude.Take(3).Average()), effect.Magnitude!.Value!.Value, 1e-12);
        Assert.Equal(effect.Magnitude.Value.Value - Of(result, 0).Average(one => one.Magnitude.Take(3).Average()), effect.MagnitudeChange!.Value!.Value, 1e-12);
    }

    [Theory]
    [InlineData(false, 1, true)]
    [InlineData(false, 31, true)]
    [InlineData(false, 32, false)]
    [InlineData(null, 1, false)]
    [InlineData(true, 1, false)]
    public void A_variant_that_moved_away_with_few_pairs_is_told_to_take_more(bool? moved, int pairs, bool noted)
    {
        var profile = new VariantProfile
        {
            Variant = "calm",
            N = 12,
            Orders = [0],
            Ratios = [0],
            Strength = [],
            Magnitude = [],
            StrengthChange = null,
            MagnitudeChange = null,
            Thirds = [.. ProfileThirds.All.Select(third => new OrderThird(third, null, null, third == ProfileThird.Low, moved, null))],
            Effects = [new(ModulationKind.Suppress, 0.7, 1, 1, pairs, null, null, null, null, null, null)],
            Moved = moved,
        };
        var notes = ProfileReport.Notes([profile]).ToArray();
        Assert.Equal(noted ? 1 : 0, notes.Length);
        Assert.All(notes, note => Assert.StartsWith("calm moved J^(m) away from low orders. ", note, StringComparison.Ordinal));
        Assert.All(notes, note => Assert.Contains("(12 here): try 32 pairs", note, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pictures_are_tested_for_structure_and_players_and_baseline_are_those_of_the_training()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, Kind, Pictures);
        var result = await job.Result<ModulationStudyResult>();
        Assert.Equal([null, "both"], result.Variants.Select(variant => variant.Preset is null ? variant.Name : null));
        Assert.All(result.Table2.Rows, row => Assert.NotNull(row.Structure!.Value));
        Assert.All(result.Table2.Rows, row => Assert.Null(row.Structure!.StandardError));
        Assert.All(result.Table2.Rows, row => Assert.Null(row.Robustness));
        Assert.Equal([Capability.Structure, Capability.Fitting, Capability.Generalization], result.Table2.Columns.Select(column => column.Name));
        Assert.Equal(2, result.Curves.Count);
        Assert.Equal(result.Macro!.Models[1].Structure!.Points.Select(point => point.Surrounding), result.Curves[1].Points.Select(point => point.Surrounding.Value!.Value));

        var profile = (await lab.FindJobAsync(result.Steps[2].Job, TestContext.Current.CancellationToken))!.Spec.Deserialize<BottleneckSpec>(LabJson.Options)!;
        Assert.Equal((2, 4), (profile.Players!.Rows!.Value, profile.Players.Columns!.Value));
        Assert.Equal("zero", JsonSerializer.SerializeToElement(profile.Baseline, LabJson.Options).GetProperty("type").GetString());
        Assert.Equal(2, result.Profiles[1].Effects.Count);
        Assert.Null(result.Profiles[1].Moved);
        Assert.All(result.Profiles[1].Effects, effect => Assert.NotNull(effect.ShareMoved));
    }

    [Fact]
    public async Task A_study_stopped_after_every_step_goes_on_and_shows_what_there_is()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var whole = await (await Job.Run(lab, Kind, Rows)).Result<ModulationStudyResult>();
        var stopped = await Job.Plan(lab, Kind, Rows);
        for (var cell = 0; cell < stopped.Count; cell++)
        {
            var before = await stopped.Result<ModulationStudyResult>();
            Assert.Equal(cell, before.Finished);
            Assert.Equal(Math.Min(cell, 8), before.Variants.Sum(variant => variant.Networks.Count));
            Assert.Equal(cell > 8, before.Profiles.Count > 0);
            Assert.Equal([Capability.Fitting, Capability.Generalization, Capability.Robustness], before.Table2.Columns.Select(column => column.Name));
            Assert.Equal(before.Variants.Select(variant => variant.Networks.Count), before.Table2.Rows.Select(row => row.TestAccuracy?.Values.Count ?? 0));
            Assert.All(before.Table2.Rows.Zip(before.Variants).Where(pair => pair.Second.Networks.Count > 0), pair => Assert.Equal(pair.Second.Networks.Average(network => network.TestAccuracy)!.Value, pair.First.TestAccuracy!.Value!.Value, 1e-12));
            Assert.All(before.Table2.Rows, row => Assert.Null(row.Fitting));
            await stopped.Run([cell]);
        }

        var after = await stopped.Result<ModulationStudyResult>();
        Assert.Equal(Text(whole.Table2), Text(after.Table2));
        Assert.Equal(Text(whole.Profiles), Text(after.Profiles));
    }

    [Fact]
    public async Task The_estimate_is_the_sum_of_what_the_jobs_count()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, Kind, Rows);
        var children = 0L;
        foreach (var step in (await job.Result<ModulationStudyResult>()).Steps)
        {
            var child = (await lab.FindJobAsync(step.Job, TestContext.Current.CancellationToken))!;
            children += (await Job.Plan(lab, step.Kind, child.Spec.GetRawText())).Work.Estimate.ForwardPasses;
        }

        Assert.Equal(children, job.Work.Estimate.ForwardPasses);
    }

    [Theory]
    [InlineData(""" "variants": ["normal"] """, "variants", "1 variants: must be 2 to 8, to be compared")]
    [InlineData(""" "variants": ["normal", "lower"] """, "variants[1]", "must be an object with modulation and name, or one of normal, low, mid, high, not \"lower\"")]
    [InlineData(""" "variants": ["low", {"name": "too", "modulation": "low"}] """, "variants[1]", "trains as variants[0] does")]
    [InlineData(""" "variants": ["low", {"name": "low", "modulation": "high"}] """, "variants[1]", "the name 'low' is already that of variants[0]")]
    [InlineData(""" "variants": ["low", {"name": "a\tb", "modulation": "high"}] """, "variants[1].name", "must not have control characters or others that are not seen")]
    [InlineData(""" "variants": ["low", {"name": "a\u202eb", "modulation": "high"}] """, "variants[1].name", "must not have control characters or others that are not seen")]
    [InlineData(""" "variants": ["low", {"modulation": [{"type": "suppress", "from": 0.1, "to": 0.4}]}] """, "variants[1].name", "is required")]
    [InlineData(""" "variants": ["low", {"name": "flat", "modulation": [{"type": "suppress", "from": 0.4, "to": 0.41}]}] """, "variants[1].modulation[0].to", null)]
    [InlineData(""" "seeds": 0 """, "seeds", null)]
    [InlineData(""" "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 0} """, "training.epochs", null)]
    [InlineData(""" "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 1, "modulation": "low"} """, "training.modulation", "is filled in by the study")]
    [InlineData(""" "data": {"dataset": "bare"} """, "data.dataset", "has no labels")]
    [InlineData(""" "profile": {"method": "exactly"} """, "profile.method", null)]
    [InlineData(""" "profile": {"models": ["net"]} """, "profile.models", "is filled in by the study")]
    [InlineData(""" "profile": {"players": {"type": "grid", "rows": 2, "columns": 2}} """, "profile.players.type", null)]
    [InlineData(""" "macro": {"structure": {}} """, "macro.structure", "masks patches of pictures; the dataset holds none")]
    [InlineData(""" "macro": {"robustness": {"steps": 3}} """, "macro.robustness.epsilon", "is required")]
    [InlineData(""" "macro": {"fit": null, "area": 1} """, "macro.area", null)]
    [InlineData(""" "data": {"dataset": "texts"} """, "data.dataset", "holds texts; a modulation study takes pictures and tables, which can be masked in training")]
    [InlineData(""" "data": null, "train": {"dataset": "rows"}, "test": {"dataset": "texts"} """, "test.dataset", "holds texts; a modulation study takes pictures and tables, which can be masked in training")]
    [InlineData(""" "data": {"dataset": "games"} """, "data.dataset", "holds tables of outputs; a modulation study takes pictures and tables, which can be masked in training")]
    [InlineData(""" "seeds": 20, "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 1, "seed": 9007199254740980} """, "training.seed", "must be a whole number from 0 to 9007199254740972, not 9007199254740980: with seeds 20 the last training has this one + 19")]
    [InlineData(""" "seeds": 20, "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 1, "seed": -5} """, "training.seed", "must be a whole number from 0 to 9007199254740972, not -5: with seeds 20 the last training has this one + 19")]
    public async Task Faults_are_named_before_anything_runs(string part, string field, string? why)
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        lab.AddTexts("texts", 6, "a good film\t1", "a bad film\t0", "good film\t1", "film bad\t0");
        lab.AddGames("games", [[0, 1, 2, 3], [0, 1, 2, 4], [0, 1, 2, 5]]);
        var spec = System.Text.Json.Nodes.JsonNode.Parse(Rows)!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse("{" + part + "}")!.AsObject())
        {
            spec[name] = value?.DeepClone();
        }

        var errors = await Job.Refused(lab, Kind, spec.ToJsonString());
        Assert.Contains(field, errors.Keys);
        Assert.DoesNotContain(errors.Keys, key => key.Contains("snapshots", StringComparison.Ordinal));
        Assert.True(why is null || errors[field].Contains(why), string.Join(';', errors[field]));
    }

    [Fact]
    public async Task The_largest_seed_is_that_of_the_last_training()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var spec = Rows.Replace("\"epochs\": 2", "\"epochs\": 2, \"seed\": 9007199254740990", StringComparison.Ordinal);
        Assert.Equal(10, (await Job.Plan(lab, Kind, spec)).Count);
        Assert.Equal(["training.seed"], (await Job.Refused(lab, Kind, spec.Replace("\"seeds\": 2", "\"seeds\": 3", StringComparison.Ordinal))).Keys);
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_named_before_anything_is_trained()
    {
        Libtorch.Require();
        Assert.SkipWhen(OnnxRuntimeInfo.Read().Devices.Any(device => device.Kind == DeviceKind.Cuda), "there is a CUDA device");
        using var lab = Lab.Tiny();
        var errors = await Job.Refused(lab, Kind, Rows.Replace("\"macro\": {\"robustness\": {\"epsilon\": 0.3, \"steps\": 3, \"stepSize\": 0.2}}", "\"macro\": {\"device\": \"cuda\"}", StringComparison.Ordinal));
        Assert.Equal(["there is no CUDA device here; use auto or cpu"], Assert.Single(errors, error => error.Key == "macro.device").Value);
    }

    [Fact]
    public async Task What_the_jobs_note_is_noted()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, Kind, Rows.Replace("\"macro\"", "\"profile\": {\"value\": {\"type\": \"logit\", \"target\": \"predicted\"}}, \"macro\"", StringComparison.Ordinal).Replace("\"samples\": 3", "\"samples\": 30", StringComparison.Ordinal));
        Assert.Equal("The testing split has 8 samples of the 30 asked for; all of them are analysed.", job.Work.Estimate.Note);
        var result = await job.Result<ModulationStudyResult>();
        Assert.Equal(
            ["The testing split has 8 samples of the 30 asked for; all of them are analysed.", .. ProfileReport.Notes(result.Profiles), $"Profiles: v of every model is of the class that the first one, {result.Profile!.Models[0].Name}, predicts."], result.Notes);
    }

    private static ModelProfile[] Of(ModulationStudyResult result, int variant) =>
        [.. result.Variants[variant].Networks.Select(network => result.Profile!.Models.Single(model => model.Model == network.Model))];

    // Two seeds: the standard error of a mean of two is half their distance.
    private static IEnumerable<(double, double)> Naive(ModulationStudyResult result, Func<MacroModel, double> number) => result.Variants.Select(variant =>
    {
        double[] values = [.. variant.Networks.Select(network => number(result.Macro!.Models.Single(model => model.Model == network.Model)))];
        return ((values[0] + values[1]) / 2, Math.Sqrt((Math.Pow(values[0] - ((values[0] + values[1]) / 2), 2) + Math.Pow(values[1] - ((values[0] + values[1]) / 2), 2)) / 2));
    });

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, LabJson.Options);
}
