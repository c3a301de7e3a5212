using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Zoo.Families;

/// <summary>Linear layers with an activation between them; pictures are flattened.</summary>
internal sealed class Mlp() : ZooFamily(
    "mlp",
    "Multilayer perceptron",
    "Linear layers of one width with an activation between them (PyTorch's initialisation); depth counts the linear layers, the last included.",
    [SampleKind.Tabular, SampleKind.Image],
    ZooOption.Integer("depth", 3, 1, 64, "linear layers"),
    ZooOption.Integer("width", 100, 1, 8192, "units of each hidden layer"),
    ZooOption.Word("activation", "between the layers", "relu", "tanh", "sigmoid", "gelu"),
    ZooOption.Number("dropout", 0, 0, 0.9, "share of hidden units dropped while training"))
{
    internal override string Build(ZooArchitecture architecture, ZooInput input, ZooGraph graph, string x)
    {
        int depth = architecture.Integer("depth"), width = architecture.Integer("width"), inputs = input.Cells;
        if (input.SampleShape.Count > 1)
        {
            x = graph.Flatten(x, "flat");
        }

        for (var layer = 1; layer < depth; layer++)
        {
            x = graph.Linear($"fc{layer}", x, inputs, width);
            x = graph.Activation(architecture.Word("activation"), x, $"act{layer}");
            x = graph.Dropout(x, architecture.Number("dropout"), $"drop{layer}");
            inputs = width;
        }

        return graph.Linear("logits", x, inputs, input.Classes);
    }
}
