using System.Text.Json;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
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
        """{"name": "alexnet-small", "width": 8, "dropout": 0.5}""",
        """{"name": "vgg", "depth": 11, "width": 8}""",
        """{"name": "vgg", "depth": 19, "width": 4, "batchNorm": false, "dropout": 0.5}""",
        """{"name": "resnet", "depth": 8}""",
        """{"name": "resnet", "depth": 8, "width": 4, "shortcut": "padding"}""",
        """{"name": "vit", "depth": 2, "width": 24}""",
        """{"name": "vit", "depth": 1, "pool": "mean", "patch": 8, "heads": 2, "mlpRatio": 2, "dropout": 0.1}""",
        """{"name": "text-transformer", "dropout": 0.1}""",
        """{"name": "text-transformer", "depth": 1, "width": 12, "heads": 3, "length": 48}""");

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
    [InlineData("""{"name": "alexnet-small"}""", 2472266)]
    [InlineData("""{"name": "vgg", "depth": 11}""", 9231114)]
    [InlineData("""{"name": "vgg", "depth": 16}""", 14728266)]
    [InlineData("""{"name": "vgg", "depth": 16, "batchNorm": false}""", 14728266 - 8448)]
    [InlineData("""{"name": "vgg", "depth": 19}""", 20040522)]
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
    [InlineData("""{"name": "vit", "depth": 3}""", "class", 4, 64)]
    [InlineData("""{"name": "vit", "depth": 3, "patch": 8, "width": 32, "pool": "mean"}""", "mean", 8, 32)]
    public void Vision_transformers_have_their_parameters_in_closed_form(string json, string pool, int patch, long w)
    {
        long tokens = (32 / patch * (32 / patch)) + (pool == "class" ? 1 : 0);
        var block = (4 * ((w * w) + w)) + (8 * w * w) + (5 * w) + (4 * w);
        var expected = (3 * patch * patch * w) + w + (pool == "class" ? w : 0) + (tokens * w) + (3 * block) + (2 * w) + (10 * w) + 10;
        Assert.Equal(expected, ModelZoo.Parameters(ZooNetworks.Read(json), ZooNetworks.Cifar));
    }

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
    public void The_small_vision_transformer_has_the_published_number_of_parameters() =>
        Assert.Equal(22050664, ModelZoo.Parameters(ZooNetworks.Read("""{"name": "vit", "patch": 16, "width": 384, "depth": 12, "heads": 6}"""), new ZooInput(SampleKind.Image, [3, 224, 224], 1000)));

    [Fact]
    public void The_text_transformer_has_its_parameters_in_closed_form()
    {
        // Words and positions; a block has four square layers, a perceptron of ratio 4 and two normalisations.
        const long W = 64, Block = (4 * ((W * W) + W)) + (8 * W * W) + (5 * W) + (4 * W);
        Assert.Equal((8003 * W) + (48 * W) + (2 * Block) + (2 * W) + (2 * W) + 2, ModelZoo.Parameters(ZooNetworks.Read("""{"name": "text-transformer"}"""), ZooNetworks.Reviews));
    }

    [Fact]
    public void Padding_is_invisible_to_the_text_transformer()
    {
        // A network of 48 tokens on a text of 7 words equals, in every logit, one whose [PAD] embedding is something else.
        var architecture = ZooNetworks.Read("""{"name": "text-transformer", "width": 16}""");
        var model = ModelZoo.Build(architecture, ZooNetworks.Reviews, 5);
        var changed = model.CopyProto();
        var words = changed.Graph.Initializer.Single(tensor => tensor.Name == "words");
        Assert.All(ZooNetworks.Weights(model, "words")[..16], value => Assert.Equal(0, value));
        var bytes = words.RawData.ToByteArray();
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[..16].Fill(3);
        words.RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
        var other = OnnxModel.Load(Google.Protobuf.MessageExtensions.ToByteArray(changed));
        var text = new float[2 * 48];
        new float[] { 9, 4000, 1, 2, 77, 8002, 3 }.CopyTo(text, 0);
        var (expected, found) = (ZooNetworks.Run(model, ZooNetworks.Reviews, text), ZooNetworks.Run(other, ZooNetworks.Reviews, text));
        Assert.Equal(expected[0], found[0], 1e-6f);
        Assert.Equal(expected[1], found[1], 1e-6f);

        // The second text is nothing but [PAD]: the logits are the last bias.
        var bias = ZooNetworks.Weights(model, "logits.bias");
        Assert.Equal(bias[0], expected[2], 1e-6f);
        Assert.Equal(bias[1], expected[3], 1e-6f);
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

    internal static ZooInput InputFor(ZooArchitecture architecture) => architecture.Name switch
    {
        "mlp" => ZooNetworks.Census,
        "text-transformer" => ZooNetworks.Reviews,
        _ => ZooNetworks.Cifar,
    };
}
