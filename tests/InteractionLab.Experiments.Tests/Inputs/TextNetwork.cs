using static InteractionLab.Experiments.Tests.Common.OnnxWriter;

namespace InteractionLab.Experiments.Tests.Inputs;

/// <summary>An input of a <see cref="TextNetwork"/>.</summary>
/// <param name="What">ids, mask, types or positions.</param>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Its element type by ONNX's number.</param>
internal sealed record TextInput(string What, string Name, int Type = TextNetwork.Int64);

/// <summary>
/// A small network of texts as exporters write them: embeddings of the ids, of the types and of the positions are added and
/// squashed, averaged over the tokens that the mask leaves, and go through a linear layer. Which inputs it has, in which order,
/// of which names and types is asked for.
/// </summary>
internal static class TextNetwork
{
    public const int Float = 1;
    public const int Int32 = 6;
    public const int Int64 = 7;
    public const int Bool = 9;
    public const int Half = 10;

    /// <summary>Words of the vocabulary.</summary>
    public const int Words = 7;

    /// <summary>Classes.</summary>
    public const int Classes = 2;

    private const int Width = 4;
    private const int Kinds = 2;
    private const int Longest = 16;

    /// <summary>The three inputs of every BERT.</summary>
    public static IReadOnlyList<TextInput> Bert { get; } = [new("ids", "input_ids"), new("mask", "attention_mask"), new("types", "token_type_ids")];

    /// <summary>The same and positions.</summary>
    public static IReadOnlyList<TextInput> Four { get; } = [.. Bert, new("positions", "position_ids")];

    /// <summary>The file.</summary>
    /// <param name="inputs">Its inputs in their order.</param>
    /// <param name="more">Further inputs, with the fields of the graph that they need.</param>
    /// <param name="ofTokens">Whether the output is what there is for every token.</param>
    /// <param name="rows">Rows that it is written for; null takes any.</param>
    /// <param name="positionsAre">Sides of the positions: 2, or 1 where all texts share them.</param>
    public static byte[] Onnx(IReadOnlyList<TextInput> inputs, IReadOnlyList<byte[]>? more = null, bool ofTokens = false, int? rows = null, int positionsAre = 2)
    {
        string? Of(string what) => inputs.FirstOrDefault(input => input.What == what)?.Name;
        List<byte[]> nodes = [Node("Gather", ["words", Of("ids")!], "of_ids")];
        var sum = "of_ids";
        foreach (var (what, table) in new[] { ("types", "kinds"), ("positions", "places") })
        {
            if (Of(what) is { } name)
            {
                nodes.Add(Node("Gather", [table, name], $"of_{what}"));
                nodes.Add(Node("Add", [sum, $"of_{what}"], $"with_{what}"));
                sum = $"with_{what}";
            }
        }

        nodes.Add(Node("Tanh", [sum], "last_hidden_state"));
        if (Of("mask") is { } mask)
        {
            nodes.Add(Node("Cast", [mask], "counted", Integer("to", Float)));
            nodes.Add(Node("Unsqueeze", ["counted", "two"], "column"));
            nodes.Add(Node("Mul", ["last_hidden_state", "column"], "kept"));
            nodes.Add(Node("ReduceSum", ["kept", "one"], "total", Integer("keepdims", 0)));
            nodes.Add(Node("ReduceSum", ["counted", "one"], "count", Integer("keepdims", 1)));
            nodes.Add(Node("Div", ["total", "count"], "mean"));
        }
        else
        {
            nodes.Add(Node("ReduceMean", ["last_hidden_state"], "mean", Integers("axes", 1), Integer("keepdims", 0)));
        }

        nodes.Add(Node("MatMul", ["mean", "head"], "z"));
        nodes.Add(Node("Add", ["z", "bias"], "logits"));
        var output = ofTokens ? ValueInfo("last_hidden_state", Float, [rows, null, Width]) : ValueInfo("logits", Float, [rows, Classes]);
        var graph = Message(
        [
            .. nodes.Select(node => Field(1, node)),
            Field(2, Text("text")),
            .. new[] { Tensor("words", [Words, Width], i => (float)Weight(0, i)), Tensor("kinds", [Kinds, Width], i => (float)Weight(1, i)), Tensor("places", [Longest, Width], i => (float)Weight(2, i)), Tensor("head", [Width, Classes], i => (float)Weight(3, i)), Tensor("bias", [Classes], i => (float)Weight(4, i)), Whole("one", 1), Whole("two", 2) }.Select(tensor => Field(5, tensor)),
            .. inputs.Select(input => Field(11, ValueInfo(input.Name, input.Type, input.What == "positions" && positionsAre == 1 ? [8] : [rows, rows is null ? null : 8]))),
            .. more ?? [],
            Field(12, output),
        ]);
        return Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13))));
    }

    /// <summary>What there is for every token, computed here in double: types are 0, positions count.</summary>
    public static double[][] Hidden(IReadOnlyList<TextInput> inputs, int[] ids, Func<int, int>? placeOf = null) => [.. ids.Select((id, place) => Enumerable.Range(0, Width).Select(k => Math.Tanh(
        Weight(0, (id * Width) + k)
        + (inputs.Any(input => input.What == "types") ? Weight(1, k) : 0)
        + (inputs.Any(input => input.What == "positions") ? Weight(2, ((placeOf?.Invoke(place) ?? place) * Width) + k) : 0))).ToArray())];

    /// <summary>The mean over the tokens that count.</summary>
    public static double[] Mean(double[][] hidden, bool[] counts) =>
        [.. Enumerable.Range(0, Width).Select(k => hidden.Where((_, place) => counts[place]).Average(row => row[k]))];

    /// <summary>The logits; the mask is that of <paramref name="whole"/>, the text before anything is masked.</summary>
    public static double[] Logits(IReadOnlyList<TextInput> inputs, int[] ids, int[] whole, Func<int, int>? placeOf = null)
    {
        var masks = inputs.Any(input => input.What == "mask");
        var mean = Mean(Hidden(inputs, ids, placeOf), [.. whole.Select(id => !masks || id != 0)]);
        return [.. Enumerable.Range(0, Classes).Select(c => mean.Select((value, k) => value * Weight(3, (k * Classes) + c)).Sum() + Weight(4, c))];
    }

    // As the file holds it.
    private static double Weight(int table, int i) => (float)(1.7 * Math.Sin((table * 2.1) + (i * 1.37) + 0.3));
}
