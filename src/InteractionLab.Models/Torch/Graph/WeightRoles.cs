using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Torch.Values;
using TorchSharp;

namespace InteractionLab.Models.Torch.Graph;

/// <summary>What a stored tensor is to training.</summary>
internal enum WeightRole
{
    /// <summary>Shapes, indices, masks, scalars of formulas: never changed.</summary>
    Constant,

    /// <summary>A weight or bias: trained.</summary>
    Parameter,

    /// <summary>A running statistic of batch normalisation: updated by training passes.</summary>
    Buffer,
}

/// <summary>
/// Tells weights from constants by what reads them: a graph does not say which of its stored tensors were trained.
/// </summary>
internal static class WeightRoles
{
    // A mask added to attention scores is 0 where allowed and about minus infinity elsewhere.
    private const double MaskedScore = -100;

    /// <summary>Inputs that are weights whatever their size, by operator.</summary>
    private static readonly Dictionary<string, int[]> Weights = new(StringComparer.Ordinal)
    {
        ["Conv"] = [1, 2],
        ["ConvTranspose"] = [1, 2],
        ["Gemm"] = [0, 1, 2],
        ["MatMul"] = [0, 1],
        ["Einsum"] = [0, 1, 2, 3],
        ["BatchNormalization"] = [1, 2],
        ["InstanceNormalization"] = [1, 2],
        ["LayerNormalization"] = [1, 2],
        ["GroupNormalization"] = [1, 2],
        ["PRelu"] = [1],
        ["Gather"] = [0],
    };

    private static readonly HashSet<string> Arithmetic = new(StringComparer.Ordinal) { "Add", "Sub", "Mul", "Div", "Sum" };

    /// <summary>Operators that only move their first input (all inputs of Concat): class tokens and reshaped weights.</summary>
    private static readonly HashSet<string> Moves = new(StringComparer.Ordinal)
    {
        "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Expand", "Tile", "Slice", "Flatten", "Split", "Concat", "Cast",
    };

    /// <param name="tensor">The stored tensor.</param>
    /// <param name="constantNode">Whether a Constant node holds it, which exporters use for numbers of formulas.</param>
    /// <param name="readers">The nodes that read it, with the input they read it by.</param>
    /// <param name="graphInputs">Names of the inputs of the graph.</param>
    public static WeightRole Find(TensorProto tensor, bool constantNode, IReadOnlyList<(NodeProto Node, int Input)> readers, IReadOnlySet<string> graphInputs)
    {
        if (!TensorData.IsFloating(tensor.DataType))
        {
            return WeightRole.Constant;
        }

        if (readers.Any(reader => reader is { Node.OpType: "BatchNormalization", Input: 3 or 4 }))
        {
            return WeightRole.Buffer;
        }

        return readers.Any(reader => IsWeight(tensor, constantNode, reader.Node, reader.Input, graphInputs)) ? WeightRole.Parameter : WeightRole.Constant;
    }

    private static bool IsWeight(TensorProto tensor, bool constantNode, NodeProto node, int input, IReadOnlySet<string> graphInputs)
    {
        if (tensor.Dims.Count == 0)
        {
            return false;
        }

        if (Weights.TryGetValue(node.OpType, out var places) && places.Contains(input))
        {
            return true;
        }

        var several = TensorData.Count(tensor.Dims) > 1;
        if (Arithmetic.Contains(node.OpType))
        {
            // What is taken from or divides the input itself normalises it.
            var normalises = node.OpType is "Sub" or "Div" or "Mul" && node.Input.Any(graphInputs.Contains);
            return (several || !constantNode) && !normalises && !IsMask(tensor);
        }

        return several && !constantNode && Moves.Contains(node.OpType) && (input == 0 || node.OpType == "Concat");
    }

    private static bool IsMask(TensorProto tensor)
    {
        var values = TensorTypes.ToHost(tensor, torch.ScalarType.Float32).ToReals();
        return values.Any(value => value <= MaskedScore) && values.All(value => value is 0 or <= MaskedScore);
    }
}
