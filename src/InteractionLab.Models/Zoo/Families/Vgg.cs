using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Zoo.Families;

/// <summary>VGG (Simonyan and Zisserman 2015) in its CIFAR form: all convolutions, one linear layer.</summary>
internal sealed class Vgg() : ZooFamily(
    "vgg",
    "VGG (CIFAR form)",
    "The 3x3 convolutions of VGG (Simonyan and Zisserman 2015, configurations A, B, D, E) in five stages, each halved by max pooling, and one linear layer. Convolutions as in torchvision's VGG (kaiming-normal, fan-out, bias 0), the linear layer with PyTorch's initialisation.",
    [SampleKind.Image],
    ZooOption.OneOf("depth", 16, "weighted layers of the original, which has three linear ones", 11, 13, 16, 19),
    ZooOption.Flag("batchNorm", true, "batch normalisation after each convolution"),
    ZooOption.Integer("width", 64, 1, 128, "channels of the first stage; the later ones have 2, 4, 8 and 8 times as many"),
    ZooOption.Number("dropout", 0, 0, 0.9, "share of features dropped before the linear layer while training"))
{
    private const int Stages = 5;
    private const int Least = 1 << Stages;

    internal override void Check(ZooArchitecture architecture, ZooInput input, Action<string, string> fault)
    {
        if (Math.Min(input.Height, input.Width) < Least)
        {
            fault("name", $"vgg halves pictures {Stages} times and needs at least {Least}x{Least}; these are {input.Height}x{input.Width}");
        }
    }

    internal override string Build(ZooArchitecture architecture, ZooInput input, ZooGraph graph, string x)
    {
        var convolutions = Convolutions(architecture.Integer("depth"));
        int number = 0, inputs = input.Channels;
        for (var stage = 0; stage < Stages; stage++)
        {
            var outputs = architecture.Integer("width") * Math.Min(1 << stage, 8);
            for (var i = 0; i < convolutions[stage]; i++)
            {
                number++;
                var shape = new Convolution(inputs, outputs, 3, 1, 1);
                x = graph.Conv($"conv{number}", x, shape, Initialisers.KaimingFanOut(shape.FanOut), Initialisers.Zeros);
                x = architecture.Flag("batchNorm") ? graph.BatchNorm($"bn{number}", x, outputs) : x;
                x = graph.Node("Relu", [x], $"relu{number}");
                inputs = outputs;
            }

            x = graph.MaxPool(x, 2, 2, $"pool{stage + 1}");
        }

        x = graph.Dropout(graph.Flatten(x, "features"), architecture.Number("dropout"), "drop");
        return graph.Linear("logits", x, inputs * (input.Height >> Stages) * (input.Width >> Stages), input.Classes);
    }

    /// <summary>Convolutions by stage.</summary>
    private static int[] Convolutions(int depth) => depth switch
    {
        11 => [1, 1, 2, 2, 2],
        13 => [2, 2, 2, 2, 2],
        16 => [2, 2, 3, 3, 3],
        _ => [2, 2, 4, 4, 4],
    };
}
