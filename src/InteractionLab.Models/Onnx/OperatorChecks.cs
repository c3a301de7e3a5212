using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>Attribute values that no operator has a meaning for and that native kernels divide by or allocate from.</summary>
internal static class OperatorChecks
{
    private static readonly HashSet<string> Positive = new(StringComparer.Ordinal) { "group", "strides", "dilations", "kernel_shape", "num_heads", "blocksize", "hidden_size", "num_outputs" };
    private const long MaxWindow = 1 << 20;

    public static void Check(NodeProto node, string what)
    {
        if (node.Domain is not ("" or "ai.onnx"))
        {
            return;
        }

        foreach (var attribute in node.Attribute)
        {
            if (!Positive.Contains(attribute.Name) || attribute.RefAttrName.Length > 0)
            {
                continue;
            }

            var values = attribute.Type == AttributeProto.Types.AttributeType.Int ? [attribute.I] : attribute.Ints.ToArray();
            if (values.Any(value => value is < 1 or > MaxWindow))
            {
                throw new ModelRejectedException($"{what} has an attribute {ModelValidator.Quote(attribute.Name)} out of range ([{string.Join(", ", values)}]).");
            }
        }

        if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "pads")?.Ints.Any(pad => pad is < -MaxWindow or > MaxWindow) == true)
        {
            throw new ModelRejectedException($"{what} pads by an impossible amount.");
        }
    }
}
