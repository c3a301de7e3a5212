using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Zoo.Families;

/// <summary>AlexNet's five convolutions (Krizhevsky, Sutskever, Hinton 2012) with the strides and the single linear layer that suit CIFAR.</summary>
internal sealed class AlexNetSmall() : ZooFamily(
    "alexnet-small",
    "AlexNet (CIFAR form)",
    "The five convolutions of AlexNet (Krizhevsky et al. 2012) in the form used for CIFAR: 11x11 stride 4, 5x5, three 3x3 of width, 3, 6, 4 and 4 width channels, three 2x2 max poolings, one linear layer (PyTorch's initialisation).",
    [SampleKind.Image],
    ZooOption.Integer("width", 64, 1, 256, "channels of the first convolution"),
    ZooOption.Number("dropout", 0, 0, 0.9, "share of features dropped before the linear layer while training"))
{
    // Leaves one pixel after the first stride of 4 and three poolings.
    private const int Least = 29;

    internal override void Check(ZooArchitecture architecture, ZooInput input, Action<string, string> fault)
    {
        if (Math.Min(input.Height, input.Width) < Least)
        {
            fault("name", $"alexnet-small needs pictures of at least {Least}x{Least}; these are {input.Height}x{input.Width}");
        }
    }

    internal override string Build(ZooArchitecture architecture, ZooInput input, ZooGraph graph, string x)
    {
        var width = architecture.Integer("width");
        Convolution[] layers =
        [
            new(input.Channels, width, 11, 4, 5),
            new(width, 3 * width, 5, 1, 2),
            new(3 * width, 6 * width, 3, 1, 1),
            new(6 * width, 4 * width, 3, 1, 1),
            new(4 * width, 4 * width, 3, 1, 1),
        ];
        int height = input.Height, columns = input.Width;
        for (var i = 0; i < layers.Length; i++)
        {
            x = graph.Node("Relu", [graph.Conv($"conv{i + 1}", x, layers[i])], $"relu{i + 1}");
            (height, columns) = (layers[i].Side(height), layers[i].Side(columns));
            if (i is 0 or 1 or 4)
            {
                x = graph.MaxPool(x, 2, 2, $"pool{i + 1}");
                (height, columns) = (height / 2, columns / 2);
            }
        }

        x = graph.Dropout(graph.Flatten(x, "features"), architecture.Number("dropout"), "drop");
        return graph.Linear("logits", x, 4 * width * height * columns, input.Classes);
    }
}
