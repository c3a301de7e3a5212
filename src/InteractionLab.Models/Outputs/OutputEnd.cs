using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Outputs;

/// <summary>What the graph does last to an output, behind nodes that only move its numbers.</summary>
internal enum EndKind
{
    /// <summary>A linear operation: any number can come out.</summary>
    Linear,

    /// <summary>Something that does not say what comes out.</summary>
    Unclear,

    /// <summary>Probabilities of a softmax.</summary>
    Softmax,

    /// <summary>Their logarithms.</summary>
    LogSoftmax,

    /// <summary>A sigmoid of each number.</summary>
    Sigmoid,

    /// <summary>Probabilities that nothing stands in front of (decision trees).</summary>
    Probabilities,
}

/// <summary>The end of an output.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Tensor">The tensor in front of it: logits of a softmax or sigmoid; else the output's own.</param>
/// <param name="IsReshaped">Whether nodes that move numbers stand between.</param>
/// <param name="IsCast">Whether the element type may be another than the output's.</param>
/// <param name="IsPair">Of a sigmoid: whether the output is [1 - p, p] (or the other way) of one number.</param>
/// <param name="IsOfFirstClass">Whether p comes first in the pair.</param>
internal sealed record End(EndKind Kind, string Tensor, bool IsReshaped, bool IsCast, bool IsPair = false, bool IsOfFirstClass = false);

/// <summary>Follows an output back to what made its numbers.</summary>
internal sealed class OutputEnd
{
    private const string OfTrees = "ai.onnx.ml";
    private readonly Dictionary<string, NodeProto> producers = new(StringComparer.Ordinal);
    private readonly HashSet<string> constants = new(StringComparer.Ordinal);
    private readonly HashSet<(string, string)> functions;
    private readonly long opset;
    private readonly Func<string, IReadOnlyList<long?>?> shapeOf;

    /// <summary>Looks at a graph.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapeOf">The shape of an output, where it is known.</param>
    public OutputEnd(ModelProto model, Func<string, IReadOnlyList<long?>?> shapeOf)
    {
        this.shapeOf = shapeOf;
        opset = model.OpsetImport.First(import => import.Domain is "" or "ai.onnx").Version;
        functions = [.. model.Functions.Select(function => (function.Domain, function.Name))];
        constants.UnionWith(model.Graph.Initializer.Select(tensor => tensor.Name));
        foreach (var node in model.Graph.Node)
        {
            foreach (var output in node.Output)
            {
                producers[output] = node;
            }

            if (node.OpType == "Constant")
            {
                constants.UnionWith(node.Output);
            }
        }
    }

    /// <summary>The node that gives a tensor, in front of nodes that only move its numbers.</summary>
    private (NodeProto? Node, string Tensor, bool Moved, bool Cast) Back(string tensor)
    {
        var (moved, cast) = (false, false);
        while (producers.TryGetValue(tensor, out var node) && IsStandard(node))
        {
            var keeps = node.OpType is "Identity" or "Dropout" && node.Output[0] == tensor;
            var moves = node.OpType is "Squeeze" or "Unsqueeze" or "Flatten" or "Reshape";
            if (!keeps && !moves && node.OpType != "Cast")
            {
                return (node, tensor, moved, cast);
            }

            (moved, cast, tensor) = (moved || moves, cast || node.OpType == "Cast", node.Input[0]);
        }

        return (producers.GetValueOrDefault(tensor), tensor, moved, cast);
    }

    /// <summary>The end of an output tensor.</summary>
    public End Find(string output)
    {
        var (node, tensor, moved, cast) = Back(output);
        End Ends(EndKind kind, string at, bool reshaped = false, bool recast = false) => new(kind, at, moved || reshaped, cast || recast);
        if (node is null)
        {
            return new End(EndKind.Unclear, output, false, false);
        }

        if (node.Domain == OfTrees)
        {
            return new End(OfClassifier(node), output, false, false);
        }

        if (!IsStandard(node))
        {
            return new End(EndKind.Unclear, output, false, false);
        }

        switch (node.OpType)
        {
            case "Softmax" when OverClasses(node, output, moved):
                return Ends(EndKind.Softmax, node.Input[0]);
            case "LogSoftmax" when OverClasses(node, output, moved):
                return Ends(EndKind.LogSoftmax, node.Input[0]);
            case "Sigmoid":
                return Ends(EndKind.Sigmoid, node.Input[0]);
            case "Log" or "Exp" or "Clip":
                return Within(node, output, moved, cast) ?? new End(EndKind.Unclear, output, false, false);
            case "Div" when Exponentials(node) is { } logits:
                return Ends(EndKind.Softmax, logits);
            case "Concat" when Pair(node) is { } pair:
                return pair with { IsReshaped = true, IsCast = pair.IsCast || cast };
            case "Gemm" or "MatMul" or "Conv":
                return new End(EndKind.Linear, output, false, false);
            case "Add" when node.Input.Any(input => constants.Contains(input)) || node.Input.Any(input => producers.GetValueOrDefault(input) is { OpType: "Gemm" or "MatMul" or "Conv" } maker && IsStandard(maker)):
                return node.Input.Any(input => Back(input).Node is { OpType: "Gemm" or "MatMul" or "Conv" })
                    ? new End(EndKind.Linear, output, false, false)
                    : new End(EndKind.Unclear, output, false, false);
            default:
                return new End(EndKind.Unclear, output, false, false);
        }
    }

    /// <summary>The logarithm of a softmax, the exponential of a log-softmax, and a clipped softmax or sigmoid.</summary>
    private End? Within(NodeProto node, string output, bool moved, bool cast)
    {
        var (inner, _, innerMoved, innerCast) = Back(node.Input[0]);
        if (inner is null || !IsStandard(inner))
        {
            return null;
        }

        EndKind? kind = (node.OpType, inner.OpType) switch
        {
            ("Log", "Softmax") => EndKind.LogSoftmax,
            ("Exp", "LogSoftmax") or ("Clip", "Softmax") => EndKind.Softmax,
            ("Clip", "Sigmoid") => EndKind.Sigmoid,
            _ => null,
        };
        return kind is { } known && (inner.OpType == "Sigmoid" || OverClasses(inner, output, moved || innerMoved))
            ? new End(known, inner.Input[0], moved || innerMoved, cast || innerCast)
            : null;
    }

    /// <summary>A softmax written out: e / Σe with e = exp(z), or exp of z less what is the same for all classes.</summary>
    private string? Exponentials(NodeProto node)
    {
        var sum = producers.GetValueOrDefault(node.Input[1]);
        return sum is { OpType: "ReduceSum" } && IsStandard(sum) && sum.Input[0] == node.Input[0] && producers.GetValueOrDefault(node.Input[0]) is { OpType: "Exp" } exp
            ? exp.Input[0]
            : null;
    }

    /// <summary>[1 - p, p] or [p, 1 - p] of p = sigmoid(z).</summary>
    private End? Pair(NodeProto node)
    {
        if (node.Input.Count != 2)
        {
            return null;
        }

        for (var own = 0; own < 2; own++)
        {
            var (p, other) = (Back(node.Input[own]), Back(node.Input[1 - own]));
            if (p.Node is { OpType: "Sigmoid" } sigmoid && IsStandard(sigmoid)
                && other.Node is { OpType: "Sub" } rest && IsStandard(rest) && constants.Contains(rest.Input[0]) && Back(rest.Input[1]).Tensor == p.Tensor)
            {
                return new End(EndKind.Sigmoid, sigmoid.Input[0], true, p.Cast || other.Cast, IsPair: true, IsOfFirstClass: own == 0);
            }
        }

        return null;
    }

    /// <summary>
    /// Whether a softmax runs over the one side that holds the classes. Before operator set 13 it ran over all sides from
    /// its axis on. Behind nodes that move numbers the shape it had is not known: a run over the last or the first side is
    /// what exporters write of [batch, classes].
    /// </summary>
    private bool OverClasses(NodeProto node, string output, bool moved)
    {
        const long OneAxis = 13;
        var axis = node.Attribute.FirstOrDefault(attribute => attribute.Name == "axis")?.I ?? (opset >= OneAxis ? -1 : 1);
        if (moved || shapeOf(output) is not { Count: >= 2 } shape || (opset < OneAxis && axis == 1))
        {
            return axis is 1 or -1;
        }

        axis = axis < 0 ? axis + shape.Count : axis;
        return axis >= 1 && axis < shape.Count && shape.Index().All(side => side.Index == 0 || side.Index == axis || side.Item == 1);
    }

    /// <summary>Scores of a linear classifier are logits where nothing makes probabilities of them; trees count shares unless they say otherwise.</summary>
    private static EndKind OfClassifier(NodeProto node)
    {
        var transform = node.Attribute.FirstOrDefault(attribute => attribute.Name == "post_transform")?.S.ToStringUtf8() ?? "NONE";
        return node.OpType switch
        {
            "LinearClassifier" or "SVMClassifier" or "TreeEnsembleClassifier" when transform is "SOFTMAX" or "LOGISTIC" => EndKind.Probabilities,
            "LinearClassifier" when transform == "NONE" => EndKind.Linear,
            _ => EndKind.Unclear,
        };
    }

    private bool IsStandard(NodeProto node) => node.Domain is "" or "ai.onnx" && !functions.Contains((node.Domain, node.OpType));
}
