using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Pruning.Unstructured;

namespace InteractionLab.Models.Pruning;

/// <summary>
/// Models whose weights are stored as whole numbers with a scale: pruners rank and change floating-point numbers, and the
/// zero of such a weight is its zero point, so these are refused by the node that makes numbers of them.
/// </summary>
internal static class QuantizedWeights
{
    /// <summary>Operators that multiply by quantised weights themselves.</summary>
    private static readonly HashSet<(string Domain, string Name)> Products =
    [
        ("", "QLinearConv"), ("", "QLinearMatMul"), ("", "ConvInteger"), ("", "MatMulInteger"),
        ("com.microsoft", "QGemm"), ("com.microsoft", "QAttention"), ("com.microsoft", "MatMulNBits"), ("com.microsoft", "MatMulBnb4"), ("com.microsoft", "MatMulFpQ4"),
        ("com.microsoft", "DynamicQuantizeMatMul"), ("com.microsoft", "MatMulIntegerToFloat"), ("com.microsoft", "DynamicQuantizeLSTM"),
        ("com.microsoft", "QLinearConv"), ("com.microsoft", "FusedMatMulInteger"),
    ];

    /// <exception cref="ModelRejectedException">A weight is stored quantised.</exception>
    public static void Refuse(ModelProto model)
    {
        var graph = model.Graph;
        var constants = new GraphConstants(graph);
        var product = graph.Node.FirstOrDefault(node => Products.Contains((node.Domain == "ai.onnx" ? "" : node.Domain, node.OpType)));
        if (product is not null)
        {
            throw Refusal(product, "multiplies by them");
        }

        if (PrunableWeights.Quantised(graph, constants) is { } source)
        {
            throw Refusal(source, "makes numbers of them");
        }
    }

    private static ModelRejectedException Refusal(NodeProto node, string does) => new(
        $"The model's weights are quantised: the node {ModelValidator.Quote(node.Name.Length > 0 ? node.Name : node.Output[0])} ({node.OpType}) {does}. Pruning takes weights that are stored as floating-point numbers; prune the model before it is quantised.");
}
