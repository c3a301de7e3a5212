namespace InteractionLab.Models.Zoo.Families;

/// <summary>How the linear layers of a block begin.</summary>
/// <param name="Projection">Weights of query, key and value.</param>
/// <param name="Output">Weights that mix the heads; biases of attention are 0.</param>
/// <param name="Hidden">Weights and biases of the perceptron's first layer.</param>
/// <param name="Last">Weights and biases of its second layer.</param>
internal sealed record BlockInitialisation(Initialiser Projection, Initialiser Output, (Initialiser Weights, Initialiser Biases) Hidden, (Initialiser Weights, Initialiser Biases) Last);

/// <summary>
/// An encoder block with normalisation before attention and perceptron: x + Attention(LN x), then x + MLP(LN x) with
/// GELU. Over x [batch, tokens, width].
/// </summary>
/// <param name="Width">Of a token.</param>
/// <param name="Heads">Divide the width.</param>
/// <param name="Ratio">Hidden units of the perceptron over the width.</param>
/// <param name="Dropout">After attention and perceptron.</param>
/// <param name="Initialisation">Of the linear layers.</param>
internal sealed record TransformerBlock(int Width, int Heads, int Ratio, double Dropout, BlockInitialisation Initialisation)
{
    /// <summary>Options that both transformers have.</summary>
    public static ZooOption[] Options(long depth) =>
    [
        ZooOption.Integer("width", 64, 1, 2048, "numbers a token"),
        ZooOption.Integer("depth", depth, 1, 48, "blocks"),
        ZooOption.Integer("heads", 4, 1, 64, "attention heads; they divide the width"),
        ZooOption.Integer("mlpRatio", 4, 1, 8, "hidden units of a block's perceptron over the width"),
        ZooOption.Number("dropout", 0, 0, 0.9, "share dropped after attention and perceptron while training"),
    ];

    public static void CheckHeads(ZooArchitecture architecture, Action<string, string> fault)
    {
        int width = architecture.Integer("width"), heads = architecture.Integer("heads");
        if (width % heads != 0)
        {
            fault("heads", $"must divide the width; {width} is no multiple of {heads}");
        }
    }

    /// <summary>Adds a block.</summary>
    /// <param name="graph">Takes the layers.</param>
    /// <param name="name">Prefix of their names.</param>
    /// <param name="x">[batch, tokens, width].</param>
    /// <param name="bias">Added to attention scores [batch, heads, tokens, tokens], broadcast; null for none.</param>
    public string Add(ZooGraph graph, string name, string x, string? bias)
    {
        var attended = graph.Dropout(Attention(graph, $"{name}.attn", graph.LayerNorm($"{name}.norm1", x, Width), bias), Dropout, $"{name}.drop1");
        x = graph.Node("Add", [x, attended], $"{name}.mid");
        var (hidden, last) = (Initialisation.Hidden, Initialisation.Last);
        var y = graph.TokenLinear($"{name}.fc1", graph.LayerNorm($"{name}.norm2", x, Width), Width, Ratio * Width, hidden.Weights, hidden.Biases);
        y = graph.TokenLinear($"{name}.fc2", graph.Activation("gelu", y, $"{name}.gelu"), Ratio * Width, Width, last.Weights, last.Biases);
        return graph.Node("Add", [x, graph.Dropout(y, Dropout, $"{name}.drop2")], name);
    }

    /// <summary>Softmax(Q Kᵀ / √d + bias) V, head by head.</summary>
    private string Attention(ZooGraph graph, string name, string x, string? bias)
    {
        var q = Projection(graph, $"{name}.q", x, 0, 2, 1, 3);
        var k = Projection(graph, $"{name}.k", x, 0, 2, 3, 1);
        var v = Projection(graph, $"{name}.v", x, 0, 2, 1, 3);
        var scores = graph.Node("MatMul", [q, k], $"{name}.products");
        scores = graph.Node("Mul", [scores, graph.Scalar((float)(1 / Math.Sqrt(Width / Heads)))], $"{name}.scores");
        scores = bias is null ? scores : graph.Node("Add", [scores, bias], $"{name}.biased");
        var weights = graph.Node("Softmax", [scores], $"{name}.weights", ("axis", -1));
        var mixed = graph.Transpose(graph.Node("MatMul", [weights, v], $"{name}.mixed"), $"{name}.mixed.tokens", 0, 2, 1, 3);
        return graph.TokenLinear($"{name}.out", graph.Reshape(mixed, $"{name}.mixed.flat", 0, 0, Width), Width, Width, Initialisation.Output, Initialisers.Zeros);
    }

    private string Projection(ZooGraph graph, string name, string x, params long[] order)
    {
        var projected = graph.TokenLinear(name, x, Width, Width, Initialisation.Projection, Initialisers.Zeros);
        return graph.Transpose(graph.Reshape(projected, $"{name}.split", 0, 0, Heads, Width / Heads), $"{name}.heads", order);
    }
}
