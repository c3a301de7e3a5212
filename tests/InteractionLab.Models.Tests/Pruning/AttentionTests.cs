namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Attention: heads, dimensions of heads, and hidden units go; the width that a layer normalisation reads does not.</summary>
public sealed class AttentionTests
{
    private const int Tokens = 5;
    private const int Width = 6;
    private const int Heads = 3;
    private const int Size = 4;

    [Fact]
    public void Separate_projections_lose_heads_and_the_dimensions_of_queries_and_of_values()
    {
        var net = new Net(Tokens, Width);
        var (q, k, v) = (Head(net, "q"), Head(net, "k"), Head(net, "v"));
        var pruned = Net.Expect(net.Model(Attend(net, q, k, v), Tokens, 2), "q[1] x4:3", "q[1] x3:4", "v[1] x3:4");
        Assert.Equal("6x1", Net.Shape(pruned, "q"));
        Assert.Equal("1", Net.Shape(pruned, "k.b"));
        Assert.Equal("1x2", Net.Shape(pruned, "out"));
    }

    [Fact]
    public void A_packed_projection_split_before_its_heads()
    {
        var net = new Net(Tokens, Width);
        var packed = net.Linear("x", "qkv", Width, 3 * Heads * Size);
        net.Integers("axis", -1);
        string Part(string name, long part)
        {
            var slice = net.Node("Slice", "s." + name, [packed, net.Integers("from" + name, part * Heads * Size), net.Integers("to" + name, (part + 1) * Heads * Size), "axis"]);
            return net.Transpose(net.Reshape(slice, "r." + name, 0, 0, Heads, Size), "t." + name, 0, 2, 1, 3);
        }

        // Queries and keys share dimensions, values have their own.
        Net.Expect(net.Model(Attend(net, Part("q", 0), Part("k", 1), Part("v", 2)), Tokens, 2), "qkv[1] x12:3", "qkv[1] x6:4", "qkv[1] x3:4");
    }

    [Fact]
    public void A_packed_projection_whose_parts_are_gathered()
    {
        var net = new Net(Tokens, Width);
        var packed = net.Reshape(net.Linear("x", "qkv", Width, 3 * Heads * Size), "five", -1, Tokens, 3, Heads, Size);
        net.Transpose(packed, "parts", 2, 0, 3, 1, 4);
        string Part(string name, long part) => net.Node("Gather", name, ["parts", net.Integer("at" + name, part)], ("axis", 0));
        Net.Expect(net.Model(Attend(net, Part("q", 0), Part("k", 1), Part("v", 2)), Tokens, 2), "qkv[1] x12:3", "qkv[1] x9:4");
    }

    [Fact]
    public void Batch_and_heads_folded_into_one_axis()
    {
        // [tokens, batch, width] -> [tokens, batch * heads, size] -> [batch * heads, tokens, size], as nn.MultiheadAttention does.
        var net = new Net(Tokens, Width);
        var first = net.Transpose("x", "first", 1, 0, 2);
        string Fold(string name) => net.Transpose(net.Reshape(net.Linear(first, name, Width, Heads * Size), "f." + name, Tokens, -1, Size), "t." + name, 1, 0, 2);
        var (q, k, v) = (Fold("q"), Fold("k"), Fold("v"));
        var weights = net.Node("Softmax", "weights", [net.Node("MatMul", "scores", [q, net.Transpose(k, "kt", 0, 2, 1)])], ("axis", -1));
        var mixed = net.Reshape(net.Transpose(net.Node("MatMul", "mixed", [weights, v]), "back", 1, 0, 2), "joined", Tokens, -1, Heads * Size);
        var y = net.Transpose(net.Linear(mixed, "out", Heads * Size, 2), "y", 1, 0, 2);
        Net.Expect(net.Model(y, Tokens, 2), "q[1] x4:3", "q[1] x3:4", "v[1] x3:4");
    }

    [Fact]
    public void Rotated_halves_tie_dimensions_together()
    {
        var net = new Net(Tokens, Width);
        string Rotate(string x)
        {
            var name = "rot." + x;
            var low = net.Node("Slice", name + ".low", [x, net.Integers(name + ".0", 0), net.Integers(name + ".2", 2), net.Integers(name + ".axis", -1)]);
            var high = net.Node("Slice", name + ".high", [x, name + ".2", net.Integers(name + ".4", 4), name + ".axis"]);
            var turned = net.Node("Concat", name + ".turned", [net.Node("Neg", name + ".neg", [high]), low], ("axis", -1));
            return net.Node("Add", name, [net.Node("Mul", name + ".c", [x, net.Weights(name + ".cos", Tokens, Size)]), net.Node("Mul", name + ".s", [turned, net.Weights(name + ".sin", Tokens, Size)])]);
        }

        var (q, k, v) = (Rotate(Head(net, "q")), Rotate(Head(net, "k")), Head(net, "v"));
        Net.Expect(net.Model(Attend(net, q, k, v), Tokens, 2), "q[1] x4:3", "q[1] x6:2", "v[1] x3:4");
    }

    [Fact]
    public void A_scale_computed_from_the_size_of_a_head_keeps_that_size()
    {
        var net = new Net(Tokens, Width);
        var (q, k, v) = (Head(net, "q"), Head(net, "k"), Head(net, "v"));
        var size = net.Node("Gather", "size", [net.Node("Shape", "shape", [q]), net.Integer("last", 3)], ("axis", 0));
        var scaled = net.Node("Div", "scaled", [q, net.Node("Sqrt", "root", [net.Node("Cast", "real", [size], ("to", 1))])]);
        Net.Expect(net.Model(Attend(net, scaled, k, v), Tokens, 2), "q[1] x4:3", "v[1] x3:4");
    }

    [Fact]
    public void Queries_that_are_not_zero_where_their_weights_are_keep_their_dimensions()
    {
        // Linear attention with exponential features: a dimension without weights still adds exp(0) exp(0).
        var net = new Net(Tokens, Width);
        var (q, k, v) = (net.Node("Exp", "eq", [Head(net, "q")]), net.Node("Exp", "ek", [Head(net, "k")]), Head(net, "v"));
        Net.Expect(net.Model(Attend(net, q, k, v), Tokens, 2), "q[1] x4:3", "v[1] x3:4");
    }

    [Fact]
    public void The_width_under_a_layer_normalisation_stays_and_hidden_units_go()
    {
        var net = new Net(Tokens, Width);
        var stream = net.Linear("x", "embed", Width, 8);
        var mean = net.Node("ReduceMean", "mean", [stream], ("axes", new long[] { -1 }));
        var centred = net.Node("Sub", "centred", [stream, mean]);
        var variance = net.Node("ReduceMean", "variance", [net.Node("Pow", "square", [centred, net.Number("two", 2)])], ("axes", new long[] { -1 }));
        var normal = net.Node("Div", "normal", [centred, net.Node("Sqrt", "deviation", [net.Node("Add", "safe", [variance, net.Number("eps", 1e-5f)])])]);
        var scaled = net.Node("Mul", "scaled", [normal, net.Weights("gain", 8)]);
        var hidden = net.Linear(scaled, "up", 8, 10);
        var gelu = net.Node("Mul", "gelu", [hidden, net.Node("Add", "one", [net.Node("Erf", "erf", [hidden]), net.Number("1", 1)])]);
        var sum = net.Node("Add", "sum", [stream, net.Linear(gelu, "down", 10, 8)]);
        Net.Expect(net.Model(net.Linear(sum, "out", 8, 2), Tokens, 2), "up[1]:10");
    }

    private static string Head(Net net, string name) =>
        net.Transpose(net.Reshape(net.Linear("x", name, Width, Heads * Size), "r." + name, 0, 0, Heads, Size), "t." + name, 0, 2, 1, 3);

    /// <summary>softmax(q kᵀ) v for [batch, heads, tokens, size], heads joined, projected to 2.</summary>
    private static string Attend(Net net, string q, string k, string v)
    {
        var scores = net.Node("MatMul", "scores", [q, net.Transpose(k, "kt", 0, 1, 3, 2)]);
        var mixed = net.Node("MatMul", "mixed", [net.Node("Softmax", "weights", [net.Node("Div", "tempered", [scores, net.Number("root4", 2)])], ("axis", -1)), v]);
        return net.Linear(net.Reshape(net.Transpose(mixed, "back", 0, 2, 1, 3), "joined", 0, Tokens, Heads * Size), "out", Heads * Size, 2);
    }
}
