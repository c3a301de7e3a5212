using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Zoo.Families;

/// <summary>LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998) as it is trained today.</summary>
internal sealed class LeNet() : ZooFamily(
    "lenet",
    "LeNet-5",
    "LeNet-5 (LeCun et al. 1998) with ReLU and max pooling: 6 and 16 maps of 5x5 kernels, 120 and 84 units (PyTorch's initialisation). Pictures under 32 pixels a side are padded by 2, as the original pads digits of 28.",
    [SampleKind.Image])
{
    private const int Padded = 32;
    private const int Least = 12;

    internal override void Check(ZooArchitecture architecture, ZooInput input, Action<string, string> fault)
    {
        if (Math.Min(input.Height, input.Width) < Least)
        {
            fault("name", $"lenet needs pictures of at least {Least}x{Least}; these are {input.Height}x{input.Width}");
        }
    }

    internal override string Build(ZooArchitecture architecture, ZooInput input, ZooGraph graph, string x)
    {
        var first = new Convolution(input.Channels, 6, 5, Pad: Math.Min(input.Height, input.Width) < Padded ? 2 : 0);
        var second = new Convolution(6, 16, 5);
        x = Block(graph, 1, x, first);
        x = Block(graph, 2, x, second);
        x = graph.Flatten(x, "flat");
        var cells = 16 * (second.Side(first.Side(input.Height) / 2) / 2) * (second.Side(first.Side(input.Width) / 2) / 2);
        x = graph.Node("Relu", [graph.Linear("fc1", x, cells, 120)], "relu3");
        x = graph.Node("Relu", [graph.Linear("fc2", x, 120, 84)], "relu4");
        return graph.Linear("logits", x, 84, input.Classes);
    }

    private static string Block(ZooGraph graph, int number, string x, Convolution shape)
    {
        x = graph.Node("Relu", [graph.Conv($"conv{number}", x, shape)], $"relu{number}");
        return graph.MaxPool(x, 2, 2, $"pool{number}");
    }
}
