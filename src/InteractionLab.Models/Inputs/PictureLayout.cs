using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Inputs;

/// <summary>
/// Whether a graph takes pictures channels first or last, as its nodes show: followed from the input through what works cell
/// by cell to the first nodes that tell sides apart.
/// </summary>
internal static class PictureLayout
{
    private static readonly HashSet<string> CellByCell = new(StringComparer.Ordinal)
    {
        "Identity", "Cast", "Clip", "Neg", "Abs", "Relu", "Sigmoid", "Tanh", "Sqrt", "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "QuantizeLinear", "DequantizeLinear", "Pad", "Dropout",
    };

    private static readonly HashSet<string> ChannelsFirst = new(StringComparer.Ordinal)
    {
        "Conv", "ConvInteger", "QLinearConv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "InstanceNormalization", "LRN", "DepthToSpace", "SpaceToDepth", "GroupNormalization",
    };

    private static readonly HashSet<string> ChannelsLast = new(StringComparer.Ordinal) { "NhwcConv", "NhwcFusedConv", "NhwcMaxPool" };

    /// <summary>The layout; null where the nodes show none, or both.</summary>
    public static InputRole? Of(GraphProto graph, string input)
    {
        var constants = graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => tensor, StringComparer.Ordinal);
        var followed = new HashSet<string>(StringComparer.Ordinal) { input };
        var shown = new HashSet<InputRole>();
        foreach (var node in GraphOrder.Sort(graph.Node) ?? [])
        {
            if (!node.Input.Any(followed.Contains))
            {
                continue;
            }

            if (CellByCell.Contains(node.OpType))
            {
                followed.Add(node.Output[0]);
            }
            else if (Shown(node, constants) is { } layout)
            {
                shown.Add(layout);
            }
        }

        return shown.Count == 1 ? shown.Single() : null;
    }

    /// <summary>Whether a tensor of a graph that takes pictures channels first holds them channels last.</summary>
    public static bool IsChannelsLast(GraphProto graph, string input, string tensor)
    {
        var layouts = new Dictionary<string, InputRole>(StringComparer.Ordinal) { [input] = InputRole.ChannelsFirst };
        foreach (var node in GraphOrder.Sort(graph.Node) ?? [])
        {
            var layout = ChannelsFirst.Contains(node.OpType) ? InputRole.ChannelsFirst
                : ChannelsLast.Contains(node.OpType) ? InputRole.ChannelsLast
                : node.Input.Where(layouts.ContainsKey).Select(name => (InputRole?)layouts[name]).FirstOrDefault() is not { } from ? null
                : CellByCell.Contains(node.OpType) || node.OpType is "Concat" or "Resize" ? from
                : (node.OpType, from, Integers(node, "perm")) switch
                {
                    ("Transpose", InputRole.ChannelsFirst, [0, 2, 3, 1]) => InputRole.ChannelsLast,
                    ("Transpose", InputRole.ChannelsLast, [0, 3, 1, 2]) => InputRole.ChannelsFirst,
                    _ => (InputRole?)null,
                };
            if (layout is { } known)
            {
                layouts[node.Output[0]] = known;
            }
        }

        return layouts.GetValueOrDefault(tensor, InputRole.ChannelsFirst) == InputRole.ChannelsLast;
    }

    private static InputRole? Shown(NodeProto node, Dictionary<string, TensorProto> constants)
    {
        if (ChannelsFirst.Contains(node.OpType))
        {
            return node.Domain is "" or "ai.onnx" or "com.microsoft" ? InputRole.ChannelsFirst : null;
        }

        if (ChannelsLast.Contains(node.OpType))
        {
            return InputRole.ChannelsLast;
        }

        return node.OpType switch
        {
            "Transpose" => Integers(node, "perm") switch
            {
                [0, 3, 1, 2] => InputRole.ChannelsLast,
                [0, 2, 3, 1] => InputRole.ChannelsFirst,
                _ => null,
            },
            "ReduceMean" or "ReduceMax" or "ReduceSum" => (Integers(node, "axes") ?? (node.Input.Count > 1 && constants.TryGetValue(node.Input[1], out var axes) ? TensorData.Int64(axes) : null)) switch
            {
                [1, 2] or [-3, -2] => InputRole.ChannelsLast,
                [2, 3] or [-2, -1] => InputRole.ChannelsFirst,
                _ => null,
            },
            _ => null,
        };
    }

    private static long[]? Integers(NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name) is { } found ? [.. found.Ints] : null;
}
