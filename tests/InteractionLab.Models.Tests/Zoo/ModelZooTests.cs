using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Interactions;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Models.Tests.Zoo;

/// <summary>Shapes, parameter counts and outputs of the networks.</summary>
public sealed class ModelZooTests
{
    public static TheoryData<string> Small => new(
        """{"name": "mlp", "depth": 5}""",
        """{"name": "mlp", "depth": 1}""",
        """{"name": "mlp", "depth": 3, "width": 20, "activation": "gelu", "dropout": 0.5}""",
        """{"name": "lenet"}""",
        """{"name": "resnet", "depth": 8}""",
        """{"name": "resnet", "depth": 8, "width": 4, "shortcut": "padding"}""");

    [Theory]
    [MemberData(nameof(Small))]
    public void A_network_runs_on_any_number_of_rows_and_treats_them_alone(string json)
    {
        var architecture = ZooNetworks.Read(json);
        var input = InputFor(architecture);
        var model = ModelZoo.Build(architecture, input, 3);
        Assert.Equal([null, .. input.SampleShape.Select(side => (long?)side)], Assert.Single(model.Summary.Inputs).Shape);
        Assert.Equal([null, input.Classes], Assert.Single(model.Summary.Outputs).Shape);
        Assert.Equal("logits", model.Summary.Outputs[0].Name);

        var cells = input.SampleShape.Aggregate(1, (a, b) => a * b);
        var random = new PortableRandom(1);
        var batch = new float[3 * cells];
        for (var i = 0; i < batch.Length; i++)
        {
            batch[i] = input.Kind == SampleKind.Text ? random.Below(i % cells < 20 ? input.Vocabulary : 1) : (float)(4 * random.NextDouble()) - 2;
        }

        var together = ZooNetworks.Run(model, input, batch);
        Assert.All(together, logit => Assert.True(float.IsFinite(logit)));
        Assert.NotEqual(together[..input.Classes], together[input.Classes..(2 * input.Classes)]);
        var alone = ZooNetworks.Run(model, input, batch[cells..(2 * cells)]);
        for (var k = 0; k < input.Classes; k++)
        {
            Assert.Equal(alone[k], together[input.Classes + k], 1e-5f);
        }
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void Parameters_are_known_without_building(string json)
    {
        var architecture = ZooNetworks.Read(json);
        var model = ModelZoo.Build(architecture, InputFor(architecture), 3);
        var statistics = model.CopyProto().Graph.Initializer.Where(tensor => tensor.Name.Contains(".running_", StringComparison.Ordinal)).Sum(tensor => tensor.Dims[0]);
        Assert.Equal(model.Summary.Parameters - statistics, ModelZoo.Parameters(architecture, InputFor(architecture)));
    }

    [Theory]
    [InlineData("""{"name": "mlp", "depth": 5, "width": 100}""", (12 * 100) + 100 + (3 * 10100) + 202)]
    [InlineData("""{"name": "mlp", "depth": 1}""", 26)]
    [InlineData("""{"name": "lenet"}""", 62006)]
    [InlineData("""{"name": "resnet", "depth": 8}""", 78042)]
    [InlineData("""{"name": "resnet", "depth": 20}""", 272474)]
    [InlineData("""{"name": "resnet", "depth": 20, "shortcut": "padding"}""", 269722)]
    [InlineData("""{"name": "resnet", "depth": 56, "shortcut": "padding"}""", 853018)]
    public void Parameters_are_the_published_numbers(string json, long expected) =>
        Assert.Equal(expected, ModelZoo.Parameters(ZooNetworks.Read(json), InputFor(ZooNetworks.Read(json))));

    [Fact]
    public void LeNet_of_digits_has_the_published_number_of_parameters() =>
        Assert.Equal(61706, ModelZoo.Parameters(ZooNetworks.Read("""{"name": "lenet"}"""), ZooNetworks.Digits));

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(56)]
    public void Residual_networks_have_their_parameters_in_closed_form(int depth)
    {
        // Convolutions 3x3 of k blocks a stage, two 1x1 projections, two numbers a normalised channel, the classifier.
        long k = (depth - 2) / 6, w = 16;
        long Stage(long inputs, long c) => 9 * ((inputs * c) + (((2 * k) - 1) * c * c)) + (4 * k * c);
        var expected = (27 * w) + (2 * w) + Stage(w, w) + Stage(w, 2 * w) + Stage(2 * w, 4 * w) + (2 * w * w) + (4 * w) + (8 * w * w) + (8 * w) + (40 * w) + 10;
        Assert.Equal(expected, ModelZoo.Parameters(ZooNetworks.Read($$"""{"name": "resnet", "depth": {{depth}}}"""), ZooNetworks.Cifar));
    }

    [Fact]
    public void A_seed_gives_the_same_bytes_and_another_seed_other_weights()
    {
        var architecture = ZooNetworks.Read("""{"name": "resnet", "depth": 8}""");
        var bytes = ModelZoo.Build(architecture, ZooNetworks.Cifar, 11).ToBytes();
        Assert.Equal(bytes, ModelZoo.Build(architecture, ZooNetworks.Cifar, 11).ToBytes());
        var other = ModelZoo.Build(architecture, ZooNetworks.Cifar, 12);
        Assert.Equal(bytes.Length, other.ToBytes().Length);
        Assert.NotEqual(bytes, other.ToBytes());
    }

    [Fact]
    public void Padding_shortcuts_halve_the_picture_and_add_empty_channels()
    {
        // With all residual branches at zero a stage hands on every second pixel of its input.
        var architecture = ZooNetworks.Read("""{"name": "resnet", "depth": 8, "width": 4, "shortcut": "padding"}""");
        var model = ModelZoo.Build(architecture, ZooNetworks.Cifar, 1);
        var shape = model.Nodes.Single(node => node.Name == "layer3.0.shortcut").OutputShape;
        Assert.Equal([null, 16, 8, 8], shape!);
    }

    [Fact]
    public void An_architecture_survives_json_with_its_defaults()
    {
        var architecture = ZooNetworks.Read("""{"name": "mlp", "width": 30}""");
        var json = JsonSerializer.Serialize(architecture);
        Assert.Equal("""{"name":"mlp","depth":3,"width":30,"activation":"relu","dropout":0}""", json);
        Assert.Equal(architecture, JsonSerializer.Deserialize<ZooArchitecture>(json));
        Assert.NotEqual(architecture, ZooNetworks.Read("""{"name": "mlp", "width": 31}"""));
        Assert.Equal("mlp depth 3, width 30, activation relu, dropout 0", architecture.ToString());
    }

    private static ZooInput InputFor(ZooArchitecture architecture) => architecture.Name switch
    {
        "mlp" => ZooNetworks.Census,
        "text-transformer" => ZooNetworks.Reviews,
        _ => ZooNetworks.Cifar,
    };
}
