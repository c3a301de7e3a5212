using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Zoo.Families;

/// <summary>The residual network for CIFAR (He, Zhang, Ren, Sun 2016, section 4.2): depth 6k + 2, three stages of k blocks.</summary>
internal sealed class ResNet() : ZooFamily(
    "resnet",
    "ResNet (CIFAR form)",
    "Residual network for small pictures (He et al. 2016, section 4.2): three stages of width, 2 width and 4 width channels. Convolutions as in torchvision's ResNet (kaiming-normal, fan-out, no bias); where a stage begins, the shortcut is a 1x1 convolution, or the zero padding without parameters of the paper.",
    [SampleKind.Image],
    ZooOption.OneOf("depth", 20, "weighted layers, 6k + 2", 8, 14, 20, 32, 44, 56, 110),
    ZooOption.Integer("width", 16, 1, 256, "channels of the first stage"),
    ZooOption.Word("shortcut", "where a stage begins", "projection", "padding"))
{
    private const int Stages = 3;

    internal override string Build(ZooArchitecture architecture, ZooInput input, ZooGraph graph, string x)
    {
        int width = architecture.Integer("width"), blocks = (architecture.Integer("depth") - 2) / 6;
        x = graph.Node("Relu", [ConvNorm(graph, "conv1", "bn1", x, new Convolution(input.Channels, width, 3, 1, 1))], "relu1");
        var inputs = width;
        for (var stage = 1; stage <= Stages; stage++)
        {
            var outputs = width << (stage - 1);
            for (var block = 0; block < blocks; block++)
            {
                var stride = stage > 1 && block == 0 ? 2 : 1;
                x = Block(graph, $"layer{stage}.{block}", x, inputs, outputs, stride, architecture.Word("shortcut") == "padding");
                inputs = outputs;
            }
        }

        return graph.Linear("logits", graph.AveragePool(x, "features"), inputs, input.Classes);
    }

    private static string Block(ZooGraph graph, string name, string x, int inputs, int outputs, int stride, bool padding)
    {
        var y = ConvNorm(graph, $"{name}.conv1", $"{name}.bn1", x, new Convolution(inputs, outputs, 3, stride, 1));
        y = graph.Node("Relu", [y], $"{name}.relu1");
        y = ConvNorm(graph, $"{name}.conv2", $"{name}.bn2", y, new Convolution(outputs, outputs, 3, 1, 1));
        var shortcut = stride == 1 ? x
            : padding ? Padded(graph, $"{name}.shortcut", x, outputs - inputs)
            : ConvNorm(graph, $"{name}.downsample.0", $"{name}.downsample.1", x, new Convolution(inputs, outputs, 1, stride));
        return graph.Node("Relu", [graph.Node("Add", [y, shortcut], $"{name}.sum")], $"{name}.relu2");
    }

    private static string ConvNorm(ZooGraph graph, string conv, string norm, string x, Convolution shape) =>
        graph.BatchNorm(norm, graph.Conv(conv, x, shape, Initialisers.KaimingFanOut(shape.FanOut), null), shape.Outputs);

    /// <summary>Every second row and column (a 1x1 max pooling of stride 2), and channels of zeros behind.</summary>
    private static string Padded(ZooGraph graph, string name, string x, int channels)
    {
        var thinned = graph.MaxPool(x, 1, 2, $"{name}.thinned");
        return graph.Node("Pad", [thinned, graph.Vector(0, 0, 0, 0, 0, channels, 0, 0)], name, ("mode", "constant"));
    }
}
