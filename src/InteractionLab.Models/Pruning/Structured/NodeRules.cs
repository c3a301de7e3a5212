using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Finds the rule of an operator. A rule answers false where it has nothing to say of this use of the operator.</summary>
internal static class NodeRules
{
    private static readonly Dictionary<string, Func<NodeScope, bool>> Rules = new Dictionary<string, Func<NodeScope, bool>>[]
    {
        ConvolutionRules.All, ProductRules.All, ElementwiseRules.All, NormalizationRules.All, ReductionRules.All, ReshapeRules.All, SelectionRules.All,
    }.SelectMany(family => family).ToDictionary(StringComparer.Ordinal);

    public static void Apply(NodeScope scope, bool isFunction)
    {
        var node = scope.Node;
        var standard = node.Domain is "" or "ai.onnx" && !isFunction && !GraphOrder.Subgraphs(node).Any();
        if (standard && SizeRules.Apply(scope))
        {
            return;
        }

        if (standard && Known(scope) && Rules.TryGetValue(node.OpType, out var rule) && rule(scope))
        {
            return;
        }

        foreach (var name in GraphOrder.Reads(node))
        {
            scope.Graph.FreezeAll(scope.Graph.Tensor(name));
        }

        // A rule that gave up may have labelled an output already.
        for (var output = 0; output < node.Output.Count; output++)
        {
            if (scope.Out(output) is { } tensor)
            {
                scope.Freeze(tensor);
            }
        }
    }

    /// <summary>Whether the shapes of all inputs and of all outputs that are read are known.</summary>
    private static bool Known(NodeScope scope) =>
        Enumerable.Range(0, scope.Node.Input.Count).All(input => !scope.Has(input) || scope.In(input) is not null)
        && Enumerable.Range(0, scope.Node.Output.Count).All(output => !scope.IsRead(output) || scope.Out(output) is not null)
        && scope.Out(0) is not null;
}
