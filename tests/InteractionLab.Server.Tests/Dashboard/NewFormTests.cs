using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Zoo;
using InteractionLab.Server.Components.Experiments;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Tests.Dashboard;

/// <summary>The forms of training, pruning sweeps and training dynamics give back the spec they were filled from.</summary>
public sealed class NewFormTests
{
    private const string Game = """
        "cut":"/Relu_output_0","players":{"type":"grid","rows":4,"columns":4,"select":6,"by":"random","seed":3},"baseline":{"type":"zero"},"outside":"baseline","value":{"type":"logit","target":2},
        "interactions":{"solver":"certified","noise":0.01,"gap":0.01},"salience":{"rule":"sample-max","factor":0.1},"executor":"torch","device":"cpu","batch":64,"seed":5
        """;

    [Theory]
    [InlineData("""{"architecture":{"name":"resnet","depth":8,"width":4,"shortcut":"padding"},"train":{"dataset":"d","samples":{"from":0,"to":90}},"test":{"dataset":"e"},"epochs":3,"batchSize":32,"optimizer":{"type":"sgd","learningRate":0.05,"weightDecay":0.001,"momentum":0.8,"nesterov":true},"schedule":{"type":"step","every":2,"gamma":0.5},"augment":{"crop":4,"flip":true},"labelSmoothing":0.1,"snapshots":[0,2,3],"prune":{"rate":0.3,"target":0.7},"seed":4,"device":"cpu"}""")]
    [InlineData("""{"model":"m","train":{"dataset":"d","samples":[1,2,5]},"test":{"dataset":"d","samples":{"count":20,"seed":1,"perClass":true}},"epochs":1,"batchSize":8,"optimizer":{"type":"adamw","learningRate":0.001,"weightDecay":0.01,"beta1":0.8,"beta2":0.99,"clipNorm":1},"schedule":{"type":"one-cycle","rise":0.2},"augment":{"crop":0,"flip":false},"snapshots":"every"}""")]
    [InlineData("""{"architecture":{"name":"mlp"},"train":{"dataset":"d"},"test":{"dataset":"d"},"optimizer":{"type":"adam","learningRate":0.01,"weightDecay":0,"beta1":0.9,"beta2":0.999},"schedule":{"type":"cosine","minimum":0.0001}}""")]
    [InlineData("""{"architecture":{"name":"mlp"},"train":{"dataset":"d"},"test":{"dataset":"d"},"modulation":"high"}""")]
    [InlineData("""{"architecture":{"name":"mlp"},"train":{"dataset":"d"},"test":{"dataset":"d"},"modulation":[{"type":"encourage","from":0.3,"to":0.7,"weight":1,"pairs":1},{"type":"suppress","from":0,"to":0.25,"weight":0.5,"pairs":3}],"penalty":{"baseline":"m","weight":0.2,"players":5,"samples":3,"factor":0.1,"solver":"half"},"players":{"type":"grid","rows":4,"columns":4,"by":"list","cells":[0,5,9]},"baseline":{"type":"constant","value":0.5}}""")]
    public void Training(string spec) => Same(new TrainingForm(), spec);

    [Theory]
    [InlineData("""{"model":"m","dataset":"d","samples":{"from":0,"to":4},"references":["a","b"],"pruner":{"type":"random","seed":9},"ratios":[0,0.25,0.5],"evaluation":{"dataset":"e","samples":{"count":50,"seed":2}},"phases":{"thresholds":{"lowPreserved":0.9,"initialAccuracy":0.02,"rhoStep":0.1,"finalAccuracy":0.03}},"decomposition":"separate","keepModels":true,"blockSize":2,""")]
    [InlineData("""{"model":"m","dataset":"d","samples":[3],"references":[],"pool":[{"sparsity":0,"model":"m"},{"sparsity":0.2,"model":"n"}],"decomposition":"joint","keepModels":false,"blockSize":5,""")]
    public void Pruning_sweep(string spec) => Same(new PruningSweepForm(), spec + Game + "}");

    [Theory]
    [InlineData("""{"trainingJob":"j","references":["a"],"train":{"dataset":"d","samples":{"from":0,"to":4}},"test":{"dataset":"e","samples":{"from":1,"to":3}},"limits":{"lowOrders":[1,3],"highOrders":[4,6]},"ratio":2,"share":0.9,""")]
    [InlineData("""{"snapshots":[{"epoch":0,"model":"m"},{"epoch":5,"model":"n"}],"references":["a","b"],"train":{"dataset":"d","samples":[0]},"test":{"dataset":"d","samples":[1]},""")]
    public void Training_dynamics(string spec) => Same(new TrainingDynamicsForm(), spec + Game + "}");

    [Theory]
    [InlineData("""{"models":["m","n"],"dataset":"d","samples":{"from":0,"to":4},"method":"sampled","orders":[0,0.5,1],"pairs":{"count":"all","radius":2,"seed":4},"contexts":20,"standardError":0.01,"nEff":8.5,"players":{"type":"grid","rows":8,"columns":8,"select":"all"},"baseline":{"type":"zero"},"outside":"baseline","value":{"type":"logit","target":2},"executor":"torch","device":"cpu","batch":64,"seed":5}""")]
    [InlineData("""{"models":["m"],"dataset":"d","samples":[3],"method":"exact","orders":"all","cut":"/Add_output_0","players":{"type":"tokens","select":4,"seed":2},"baseline":{"type":"sample-mean"}}""")]
    [InlineData("""{"models":["m"],"dataset":"d","samples":[3],"method":"exact","orders":"all","players":{"type":"columns"}}""")]
    [InlineData("""{"models":["m"],"dataset":"d","samples":[3],"method":"auto","players":{"type":"grid","rows":8,"columns":8,"select":9,"by":"random","seed":3}}""")]
    public void Bottleneck(string spec)
    {
        var form = new BottleneckForm();
        Same(form, spec);
        var back = form.ToSpec();
        Assert.False(back.ContainsKey("interactions"), "the kind extracts nothing");
        Assert.Equal(spec.Contains("\"orders\"", StringComparison.Ordinal), back.ContainsKey("orders"));
        Assert.Equal(spec.Contains("\"nEff\"", StringComparison.Ordinal), back.ContainsKey("nEff"));
    }

    [Theory]
    [InlineData("""{"models":["m","n"],"dataset":"d","samples":{"from":0,"to":4},"structure":{"rows":4,"columns":6,"ratios":[0,0.5,1],"seed":3},"fit":{"train":{"dataset":"e","samples":[4,5]}},"robustness":{"epsilon":0.6,"steps":7,"stepSize":0.05,"randomStart":true,"seed":2},"baseline":{"type":"zero"},"device":"cpu","seed":5}""")]
    [InlineData("""{"models":["m"],"dataset":"d","robustness":{"epsilon":0.1,"steps":20,"stepSize":0.01}}""")]
    [InlineData("""{"models":["m"],"dataset":"d","fit":{"train":{"dataset":"d"}}}""")]
    public void Macro(string spec)
    {
        var form = new MacroForm();
        Same(form, spec);
        var back = form.ToSpec();
        Assert.All(new[] { "structure", "fit", "robustness", "samples" }, field => Assert.Equal(spec.Contains($"\"{field}\"", StringComparison.Ordinal) && (field != "samples" || spec.Contains("\"dataset\":\"d\",\"samples\"", StringComparison.Ordinal)), back.ContainsKey(field)));
    }

    [Fact]
    public void Patches_are_masked_in_pictures_alone_until_somebody_says_otherwise()
    {
        var form = new MacroForm();
        form.FitTo(SampleKind.Tabular);
        Assert.False(form.Tests.Structure);
        form.FitTo(SampleKind.Image);
        Assert.True(form.Tests.Structure);
        form.ReadFrom(JsonSerializer.Deserialize<JsonElement>("""{"fit":{"train":{"dataset":"d"}}}"""));
        form.FitTo(SampleKind.Image);
        Assert.False(form.Tests.Structure);
    }

    [Theory]
    [InlineData("""{"data":{"dataset":"d","testShare":0.4,"seed":3},"variants":["normal","low",{"name":"both","modulation":[{"type":"suppress","from":0,"to":0.3,"weight":0.5,"pairs":2},{"type":"encourage","from":0.6,"to":1,"weight":1,"pairs":1}]}],"seeds":3,"samples":6,"seed":9,"profile":{"method":"exact","orders":"all","value":{"type":"logit","target":1},"later":[1]},"macro":{"structure":{"rows":4,"columns":4,"ratios":[0,0.5]},"robustness":{"epsilon":0.5,"steps":5,"stepSize":0.1},"tomorrow":2},""")]
    [InlineData("""{"train":{"dataset":"d","samples":[0,1]},"test":{"dataset":"e"},"variants":["mid","high"],"seeds":1,"samples":2,"seed":0,"profile":{"method":"auto"},"macro":{},""")]
    public void Modulation_study(string spec)
    {
        const string Training = """ "training":{"architecture":{"name":"mlp","depth":3,"width":8},"epochs":3,"batchSize":20,"players":{"type":"columns"},"tomorrow":{"a":1}}} """;
        var given = JsonSerializer.Deserialize<JsonElement>(spec + Training);
        var form = new ModulationStudyForm();
        form.ReadFrom(given);
        Assert.Null(form.Missing);
        var back = JsonSerializer.SerializeToElement(form.ToSpec());
        Contains(given, back, "");
        Assert.Equal(given.GetProperty("profile").TryGetProperty("value", out _), back.GetProperty("profile").TryGetProperty("value", out _));
        Assert.Equal(given.GetProperty("macro").TryGetProperty("structure", out _), back.GetProperty("macro").TryGetProperty("structure", out _));

        // The study fills these in, and its seed is everybody's.
        Assert.All(new[] { "modulation", "snapshots", "seed" }, field => Assert.False(back.GetProperty("training").TryGetProperty(field, out _), field));
        Assert.False(back.GetProperty("profile").TryGetProperty("seed", out _));
    }

    [Theory]
    [InlineData("""{"name":"high","modulation":[{"type":"suppress","from":0,"to":0.5,"weight":1,"pairs":1}]}""", "high")]
    [InlineData("""{"name":"normal","modulation":[]}""", "normal")]
    [InlineData("""{"modulation":"mid"}""", "mid")]
    [InlineData("""{"name":"high","modulation":[{"type":"suppress","from":0,"to":0.5,"weight":2,"pairs":1}]}""", "list")]
    [InlineData("""{"name":"mine","modulation":"low"}""", "list")]
    public void A_variant_of_the_paper_is_known_by_its_losses(string variant, string preset)
    {
        var read = VariantForm.Read(JsonSerializer.Deserialize<JsonElement>(variant));
        Assert.Equal(preset, read.Preset);
        Assert.Equal(preset == "normal" ? 0 : 1, read.Losses.Count);
    }

    [Fact]
    public void Snapshots_of_a_bottleneck_stand_in_place_of_its_models()
    {
        const string Rest = """ "dataset":"d","samples":[3],"method":"auto"} """;
        var form = new BottleneckForm();
        Same(form, """{"trainingJob":"j",""" + Rest);
        Assert.False(form.ToSpec().ContainsKey("models"));
        Same(form, """{"snapshots":[{"epoch":0,"model":"m"},{"epoch":2,"model":"n"}],""" + Rest);
        Assert.False(form.ToSpec().ContainsKey("trainingJob"));
        form.ReadFrom(JsonSerializer.Deserialize<JsonElement>("""{"models":[],"trainingJob":"k"}"""));
        Assert.Equal(("trainingJob", "k"), (form.Source, form.TrainingJob));
    }

    [Fact]
    public void A_single_model_is_the_only_one_of_a_bottleneck()
    {
        var form = new BottleneckForm();
        form.ReadFrom(JsonSerializer.Deserialize<JsonElement>("""{"models":["a","b"]}"""));
        form.ReadFrom(JsonSerializer.Deserialize<JsonElement>("""{"model":"c"}"""));
        Assert.Equal(["c"], form.Models);
    }

    [Theory]
    [InlineData("""{"data":{"dataset":"d","samples":{"from":0,"to":80},"testShare":0.4,"seed":3},"references":3,"samples":6,"seed":9,""")]
    [InlineData("""{"train":{"dataset":"d","samples":[0,1]},"test":{"dataset":"e"},"references":1,"samples":2,"seed":0,""")]
    [InlineData("""{"data":{"dataset":"d"},"penalty":{"weight":0.2,"players":5,"samples":3,"factor":0.1,"solver":"half"},"pruned":{"ratios":[0,0.5],"pruner":{"type":"random","seed":4}},""")]
    public void Training_study(string spec)
    {
        const string Parts = """
            "training":{"architecture":{"name":"resnet","depth":8,"width":2},"epochs":3,"batchSize":20,"snapshots":[0,3],"labelSmoothing":0.1,"modulation":"low","tomorrow":{"a":1}},
            "analysis":{"limits":{"lowOrders":[1,3],"highOrders":[4,6]},"ratio":2,"players":{"type":"grid","rows":4,"columns":4,"select":6,"by":"random","seed":3},"value":{"type":"logit","target":2},"later":[1]}}
            """;
        var given = JsonSerializer.Deserialize<JsonElement>(spec + Parts);
        var form = new TrainingStudyForm();
        form.ReadFrom(given);
        Assert.Null(form.Missing);
        var back = JsonSerializer.SerializeToElement(form.ToSpec());
        Contains(given, back, "");
        Assert.Equal(given.TryGetProperty("data", out _), back.TryGetProperty("data", out _));

        // Neither part names a seed of its own, so both take the study's.
        Assert.False(back.GetProperty("training").TryGetProperty("seed", out _));
        Assert.False(back.GetProperty("analysis").TryGetProperty("seed", out _));
    }

    [Fact]
    public void Terms_of_the_loss_are_in_the_spec_only_where_they_are_used()
    {
        var form = new TrainingForm();
        form.Settings.Terms.OwnPlayers = form.Settings.Terms.OwnBaseline = true;
        foreach (var name in new[] { "modulation", "penalty", "players", "baseline" })
        {
            Assert.False(form.ToSpec().ContainsKey(name), name);
        }

        form.ReadFrom(JsonSerializer.Deserialize<JsonElement>("""{"modulation":[]}"""));
        Assert.False(form.ToSpec().ContainsKey("modulation"));
        form.Settings.Terms.Modulation = "mid";
        Assert.Equal("mid", (string?)form.ToSpec()["modulation"]);
        Assert.True(form.ToSpec().ContainsKey("players"));
    }

    [Fact]
    public void Faults_of_a_part_stand_at_its_own_fields()
    {
        var errors = new Dictionary<string, string[]> { ["training.epochs"] = ["too many"], ["training.modulation[1].to"] = ["must be above from"], ["analysis.players.select"] = ["too few"], ["seed"] = ["odd"] };
        var fault = new Fault(400, "Bad request", "The spec is wrong.", errors);
        var faults = FormFaults.From(fault, new TrainingStudyForm().Fields);
        Assert.Empty(faults.Unplaced);
        Assert.Equal(["too many"], faults.Under("training").At("epochs"));
        Assert.Equal(["training.modulation[1].to: must be above from"], faults.Under("training").At("modulation"));
        Assert.Equal(["too few"], faults.Under("analysis").At("players.select"));
        Assert.Empty(faults.Under("training").At("seed"));
        Assert.Equal(("f-training-seed", "f-seed"), (faults.Under("training").Id("seed"), faults.Id("seed")));
    }

    [Fact]
    public void A_study_of_texts_is_marked_at_its_dataset()
    {
        var errors = new Dictionary<string, string[]> { ["data.dataset"] = ["holds texts"], ["training.seed"] = ["too large"] };
        var faults = FormFaults.From(new Fault(400, "Bad request", "The spec is wrong.", errors), new ModulationStudyForm().Fields);
        Assert.Empty(faults.Unplaced);
        Assert.Equal(["holds texts"], faults.At("data.dataset"));
        Assert.Equal(["too large"], faults.Under("training").At("seed"));
    }

    [Fact]
    public void Every_architecture_of_the_zoo_goes_through_the_form()
    {
        foreach (var family in ModelZoo.Architectures)
        {
            var form = new ArchitectureForm { Name = family.Name };
            var faults = new List<string>();
            var read = ModelZoo.Read(JsonSerializer.SerializeToElement(form.ToJson()), (field, why) => faults.Add($"{family.Name} {field}: {why}"));
            Assert.Empty(faults);
            Assert.Equal(family.Name, read!.Name);
        }
    }

    [Fact]
    public void The_architecture_moves_to_one_that_takes_the_samples()
    {
        var form = new ArchitectureForm { Name = "resnet" };
        form.FitTo(SampleKind.Tabular);
        Assert.Contains(SampleKind.Tabular, form.Family!.Kinds);
        form.Name = "mlp";
        form.FitTo(SampleKind.Tabular);
        Assert.Equal("mlp", form.Name);
    }

    [Fact]
    public void One_dataset_is_parted_so_that_no_sample_is_in_both_splits()
    {
        var (train, test) = (new SplitForm("train", canBeAll: true), new SplitForm("test", canBeAll: true));
        SplitForm.Part(train, test, 103);
        Assert.Equal("""{"dataset":"","samples":{"from":0,"to":83}}""", train.ToJson().ToJsonString());
        Assert.Equal("""{"dataset":"","samples":{"from":83,"to":103}}""", test.ToJson().ToJsonString());
        SplitForm.Part(train, test, 103, most: 10);
        Assert.Equal(("0", "10", "83", "93"), (train.Samples.From, train.Samples.To, test.Samples.From, test.Samples.To));
    }

    [Theory]
    [InlineData("""{"train":{"dataset":"d","samples":{"from":5,"to":900}}}""", """{"train":{"dataset":"d","samples":{"from":5,"to":15}}}""")]
    [InlineData("""{"train":{"dataset":"d","samples":{"from":5,"to":7}}}""", """{"train":{"dataset":"d","samples":{"from":5,"to":7}}}""")]
    [InlineData("""{"train":{"dataset":"d"},"test":{"dataset":"e","samples":{"count":100,"seed":3}}}""", """{"train":{"dataset":"d","samples":{"from":0,"to":10}},"test":{"dataset":"e","samples":{"count":10,"seed":3}}}""")]
    [InlineData("""{"test":{"dataset":"e","samples":[3,1]}}""", """{"test":{"dataset":"e","samples":[3,1]}}""")]
    public void Dynamics_follow_the_first_samples_of_a_training(string training, string splits) =>
        Assert.Equal(splits, TrainingDynamicsForm.SplitsOf(JsonSerializer.Deserialize<JsonElement>(training)).ToJsonString());

    [Fact]
    public void Faults_of_a_split_are_placed_at_its_own_fields()
    {
        var fields = new TrainingForm().Fields;
        Assert.Contains("train.samples.from", fields);
        Assert.Contains("test.dataset", fields);
        Assert.Contains("architecture.depth", fields);
        Assert.Contains("schedule.gamma", fields);
    }

    // Every member given comes back, however deep; what the form adds are defaults.
    private static void Contains(JsonElement given, JsonElement back, string path)
    {
        if (given.ValueKind != JsonValueKind.Object)
        {
            Assert.True(JsonElement.DeepEquals(given, back), $"{path}: {given} became {back}");
            return;
        }

        foreach (var part in given.EnumerateObject())
        {
            Assert.True(back.TryGetProperty(part.Name, out var member), $"{path}.{part.Name} is gone");
            Contains(part.Value, member, $"{path}.{part.Name}");
        }
    }

    // Every member given comes back equal; what the form adds are defaults.
    private static void Same(ISpecForm form, string text)
    {
        var given = JsonSerializer.Deserialize<JsonElement>(text);
        form.ReadFrom(given);
        Assert.Null(form.Missing);
        var spec = JsonSerializer.SerializeToElement(form.ToSpec());
        foreach (var part in given.EnumerateObject())
        {
            var back = spec.GetProperty(part.Name);
            if (part.Name == "architecture")
            {
                foreach (var option in part.Value.EnumerateObject())
                {
                    Assert.True(JsonElement.DeepEquals(option.Value, back.GetProperty(option.Name)), $"{option.Name}: {option.Value} became {back.GetProperty(option.Name)}");
                }

                continue;
            }

            Assert.True(JsonElement.DeepEquals(part.Value, back), $"{part.Name}: {part.Value} became {back}");
        }
    }
}
