using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Pruning.Unstructured;

/// <summary>
/// Which stored tensors are weights that may be zeroed, decided by what reads them: kernels of convolutions, both
/// operands of matrix products, matrices of recurrent layers. Biases, normalisation parameters, embeddings that are only
/// looked up, position tables and scalars of formulas are not.
/// </summary>
internal static class PrunableWeights
{
    /// <summary>Inputs of an operator that multiply activations as a matrix or a kernel.</summary>
    private static readonly Dictionary<string, int[]> WeightInputs = new(StringComparer.Ordinal)
    {
        ["Conv"] = [1],
        ["ConvTranspose"] = [1],
        ["Gemm"] = [0, 1],
        ["MatMul"] = [0, 1],
        ["RNN"] = [1, 2],
        ["GRU"] = [1, 2],
        ["LSTM"] = [1, 2],
    };

    /// <summary>Operators that hand their first input on without computing with it.</summary>
    private static readonly HashSet<string> Rearranging = new(StringComparer.Ordinal)
    {
        "Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast", "Dropout",
    };

    /// <summary>Rounding of stored floating-point weights, as networks trained for quantisation have it: zero is rounded to the zero point, which stands for zero.</summary>
    private static readonly HashSet<string> Rounding = new(StringComparer.Ordinal) { "QuantizeLinear", "DequantizeLinear" };

    /// <summary>Names of the prunable tensors in file order, each once however many nodes read it.</summary>
    public static IReadOnlyList<string> Find(GraphProto graph, GraphConstants constants)
    {
        var producers = Producers(graph);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Node.Where(node => node.Domain is "" or "ai.onnx"))
        {
            foreach (var input in WeightInputs.GetValueOrDefault(node.OpType, []).Where(input => input < node.Input.Count))
            {
                if (Stored(node.Input[input], producers, constants) is { } name)
                {
                    found.Add(name);
                }
            }
        }

        return [.. constants.Names.Where(found.Contains)];
    }

    /// <summary>A DequantizeLinear that gives a weight from a stored tensor of whole numbers; null where there is none.</summary>
    public static NodeProto? Quantised(GraphProto graph, GraphConstants constants)
    {
        var producers = Producers(graph);
        return graph.Node.Where(node => node.Domain is "" or "ai.onnx")
            .SelectMany(node => WeightInputs.GetValueOrDefault(node.OpType, []).Where(input => input < node.Input.Count).Select(input => Dequantised(node.Input[input], producers, constants)))
            .FirstOrDefault(source => source is not null);
    }

    private static NodeProto? Dequantised(string name, Dictionary<string, NodeProto> producers, GraphConstants constants)
    {
        NodeProto? source = null;
        while (constants.Tensor(name) is null)
        {
            if (!producers.TryGetValue(name, out var node) || node.Input.Count == 0 || !(Rearranging.Contains(node.OpType) || node.OpType == "DequantizeLinear"))
            {
                return null;
            }

            source = node.OpType == "DequantizeLinear" ? node : source;
            name = node.Input[0];
        }

        return source;
    }

    private static Dictionary<string, NodeProto> Producers(GraphProto graph) => graph.Node.SelectMany(node => node.Output.Select(output => (output, node)))
        .Where(pair => pair.output.Length > 0)
        .ToDictionary(pair => pair.output, pair => pair.node, StringComparer.Ordinal);

    private static string? Stored(string name, Dictionary<string, NodeProto> producers, GraphConstants constants)
    {
        // Graphs are acyclic, so the walk ends.
        while (constants.Weights(name) is null)
        {
            if (!producers.TryGetValue(name, out var node) || node.Domain is not ("" or "ai.onnx") || !(Rearranging.Contains(node.OpType) || Rounding.Contains(node.OpType)) || node.Input.Count == 0)
            {
                return null;
            }

            name = node.Input[0];
        }

        return name;
    }
}
