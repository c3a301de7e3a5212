using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>
/// Operations that a node takes for one sample, counted from shapes: two a multiplication and addition of Conv,
/// ConvTranspose, Gemm and MatMul; one an element of the output of everything else that computes, or of the input where
/// that is larger (reductions, pooling); none for what only moves or names cells. A node whose shapes are not known counts nothing.
/// </summary>
internal sealed class WorkCount(IReadOnlyDictionary<string, IReadOnlyList<long?>> shapes)
{
    private static readonly HashSet<string> Free = new(StringComparer.Ordinal)
    {
        "Shape", "Size", "Constant", "ConstantOfShape", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Dropout", "Cast", "Gather", "Slice", "Split", "Concat", "Transpose", "Expand",
    };

    /// <summary>Operations of a node.</summary>
    public double Of(NodeProto node) => node.OpType switch
    {
        "Conv" => 2 * Elements(node.Output[0]) * PerOutput(node.Input[1]),
        "ConvTranspose" => 2 * Elements(node.Input[0]) * PerOutput(node.Input[1]),
        "Gemm" or "MatMul" => 2 * Elements(node.Output[0]) * Inner(node),
        _ when Free.Contains(node.OpType) => 0,
        _ => Math.Max(node.Output.Where(output => output.Length > 0).Sum(Elements), node.Input.Count > 0 ? Elements(node.Input[0]) : 0),
    };

    /// <summary>Weights that one cell of a convolution meets: all dimensions of the kernel but the first.</summary>
    private double PerOutput(string weight) => shapes.TryGetValue(weight, out var shape) && shape.Count > 1 ? Product(shape.Skip(1)) : 0;

    /// <summary>The dimension that a matrix product sums over.</summary>
    private double Inner(NodeProto node)
    {
        if (!shapes.TryGetValue(node.Input[0], out var shape) || shape.Count == 0)
        {
            return 0;
        }

        var transposed = node.Attribute.FirstOrDefault(attribute => attribute.Name == "transA")?.I == 1;
        return Product([transposed ? shape[0] : shape[^1]]);
    }

    private double Elements(string tensor) => shapes.TryGetValue(tensor, out var shape) ? Product(shape) : 0;

    private static double Product(IEnumerable<long?> sizes) => sizes.Aggregate(1.0, (product, size) => product * (size ?? 0));
}
