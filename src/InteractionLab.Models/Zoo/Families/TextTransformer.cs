using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Zoo.Families;

/// <summary>An encoder over token ids; id 0, [PAD], takes no part in attention and pooling.</summary>
internal sealed class TextTransformer() : ZooFamily(
    "text-transformer",
    "Text transformer",
    "Encoder over token ids with learned positions, normalisation first, GELU, and the mean over the tokens that are not [PAD] (id 0). Initialised as PyTorch's modules are: Embedding normal with variance 1 ([PAD]: 0), MultiheadAttention xavier-uniform with biases 0, Linear as ever.",
    [SampleKind.Text],
    [
        .. TransformerBlock.Options(2),
        ZooOption.Integer("length", null, 1, MostTokens, "tokens a text; the dataset's unless given, and no other"),
    ])
{
    private const int MostTokens = 4096;

    // Far below any score, yet finite: a text of nothing but [PAD] gives a uniform softmax and not 0 / 0.
    private const float Excluded = -1e9f;

    internal override void Check(ZooArchitecture architecture, ZooInput input, Action<string, string> fault)
    {
        TransformerBlock.CheckHeads(architecture, fault);
        var length = input.SampleShape[0];
        if (architecture.IntegerOrNull("length") is { } given && given != length)
        {
            fault("length", $"is {given}, but the dataset's texts have {length} tokens");
        }
        else if (length > MostTokens)
        {
            fault("length", $"the dataset's texts have {length} tokens; the limit is {MostTokens}");
        }

        if (input.Vocabulary < 1)
        {
            fault("name", "text-transformer needs a vocabulary");
        }
    }

    internal override string Build(ZooArchitecture architecture, ZooInput input, ZooGraph graph, string x)
    {
        int width = architecture.Integer("width"), length = input.SampleShape[0];
        var padding = graph.Node("Equal", [x, graph.Whole(0)], "padding");
        var excluded = graph.Node("Where", [padding, graph.Scalar(Excluded), graph.Scalar(0)], "padding.scores");
        var bias = graph.Reshape(excluded, "padding.bias", 0, 1, 1, length);
        var words = graph.Node("Gather", [graph.Weight("words", Embedding(width), input.Vocabulary, width), x], "words.embedded", ("axis", 0));
        x = graph.Node("Add", [words, graph.Weight("positions", Initialisers.Normal(1), 1, length, width)], "embedded");
        var block = new TransformerBlock(width, architecture.Integer("heads"), architecture.Integer("mlpRatio"), architecture.Number("dropout"), Initialisation(width, architecture.Integer("mlpRatio")));
        for (var i = 0; i < architecture.Integer("depth"); i++)
        {
            x = block.Add(graph, $"blocks.{i}", x, bias);
        }

        x = Mean(graph, graph.LayerNorm("norm", x, width), padding, length);
        return graph.Linear("logits", x, width, input.Classes);
    }

    /// <summary>Mean over the tokens that are not [PAD]; 0 where there are none.</summary>
    private static string Mean(ZooGraph graph, string x, string padding, int length)
    {
        var present = graph.Node("Cast", [graph.Node("Not", [padding], "present")], "present.weight", ("to", (int)TensorProto.Types.DataType.Float));
        present = graph.Reshape(present, "present.column", 0, length, 1);
        var sum = graph.Node("ReduceSum", [graph.Node("Mul", [x, present], "kept"), graph.Vector(1)], "sum", ("keepdims", 0));
        var count = graph.Node("ReduceSum", [present, graph.Vector(1)], "count", ("keepdims", 0));
        return graph.Node("Div", [sum, graph.Node("Max", [count, graph.Scalar(1)], "divisor")], "features");
    }

    /// <summary>nn.Embedding with padding_idx 0.</summary>
    private static Initialiser Embedding(int width) => (random, values) =>
    {
        Initialisers.Normal(1)(random, values);
        values[..width].Clear();
    };

    /// <summary>nn.MultiheadAttention holds query, key and value in one matrix [3 width, width], hence the fan-out.</summary>
    private static BlockInitialisation Initialisation(int width, int ratio) => new(
        Initialisers.XavierUniform(width, 3 * width),
        Initialisers.Default(width),
        (Initialisers.Default(width), Initialisers.Default(width)),
        (Initialisers.Default(ratio * width), Initialisers.Default(ratio * width)));
}
