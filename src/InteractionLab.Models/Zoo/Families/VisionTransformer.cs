using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Zoo.Families;

/// <summary>The vision transformer (Dosovitskiy et al. 2021).</summary>
internal sealed class VisionTransformer() : ZooFamily(
    "vit",
    "Vision transformer",
    "Vision transformer (Dosovitskiy et al. 2021): patches embedded by a convolution, learned positions, encoder blocks with normalisation first and GELU. Linear layers, positions and class token as in timm and DeiT (trunc_normal_ with std 0.02, biases 0), the embedding of patches with PyTorch's initialisation.",
    [SampleKind.Image],
    [
        ZooOption.Integer("patch", 4, 1, 256, "pixels a patch has on each side; it divides height and width"),
        .. TransformerBlock.Options(6),
        ZooOption.Word("pool", "what is classified: a class token, or the mean of all patches", "class", "mean"),
    ])
{
    // Attention holds a number for each pair of tokens and head.
    private const int MostTokens = 4096;

    internal override void Check(ZooArchitecture architecture, ZooInput input, Action<string, string> fault)
    {
        TransformerBlock.CheckHeads(architecture, fault);
        var patch = architecture.Integer("patch");
        if (input.Height % patch != 0 || input.Width % patch != 0)
        {
            fault("patch", $"must divide height and width; the pictures are {input.Height}x{input.Width}");
        }
        else if (input.Height / patch * (input.Width / patch) > MostTokens)
        {
            fault("patch", $"gives more than {MostTokens} patches of {input.Height}x{input.Width} pixels; take larger ones");
        }
    }

    internal override string Build(ZooArchitecture architecture, ZooInput input, ZooGraph graph, string x)
    {
        int patch = architecture.Integer("patch"), width = architecture.Integer("width");
        int patches = input.Height / patch * (input.Width / patch);
        var byClass = architecture.Word("pool") == "class";
        x = graph.Conv("patches", x, new Convolution(input.Channels, width, patch, patch));
        x = graph.Transpose(graph.Reshape(x, "patches.flat", 0, width, -1), "tokens", 0, 2, 1);
        if (byClass)
        {
            x = graph.Node("Concat", [ClassToken(graph, x, width), x], "tokens.class", ("axis", 1));
        }

        x = graph.Node("Add", [x, graph.Weight("positions", Initialisers.Truncated, 1, patches + (byClass ? 1 : 0), width)], "embedded");
        var small = (Initialisers.Truncated, Initialisers.Zeros);
        var block = new TransformerBlock(width, architecture.Integer("heads"), architecture.Integer("mlpRatio"), architecture.Number("dropout"), new BlockInitialisation(Initialisers.Truncated, Initialisers.Truncated, small, small));
        for (var i = 0; i < architecture.Integer("depth"); i++)
        {
            x = block.Add(graph, $"blocks.{i}", x, null);
        }

        x = graph.LayerNorm("norm", x, width);
        var pooled = byClass
            ? graph.Node("Gather", [x, graph.Whole(0)], "features", ("axis", 1))
            : graph.Node("ReduceMean", [x], "features", ("axes", (long[])[1]), ("keepdims", 0));
        return graph.Linear("logits", pooled, width, input.Classes, Initialisers.Truncated, Initialisers.Zeros);
    }

    /// <summary>The class token once for every row of the batch.</summary>
    private static string ClassToken(ZooGraph graph, string x, int width)
    {
        var rows = graph.Node("Gather", [graph.Node("Shape", [x], "class.shape"), graph.Vector(0)], "class.rows", ("axis", 0));
        var shape = graph.Node("Concat", [rows, graph.Vector(1, width)], "class.target", ("axis", 0));
        return graph.Node("Expand", [graph.Weight("class_token", Initialisers.Truncated, 1, 1, width), shape], "class");
    }
}
