using Google.Protobuf.Collections;
using InteractionLab.Models.Onnx.Proto;
using Dimension = InteractionLab.Models.Onnx.Proto.TensorShapeProto.Types.Dimension;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// Turns graphs whose batch is declared to lie along another dimension than the first (sequences first, as recurrent networks
/// often are) so that it comes first, by a Transpose behind the input and one before the output where that has it second. The declaration
/// decides: the dimension of the input that bears the name of the output's.
/// </summary>
internal static class BatchFirst
{
    private const string Before = "_batch_inside";

    /// <summary>The model with the batch first: itself where it is so already or nothing is declared; and what was turned, in words.</summary>
    public static (ModelProto Model, string? Note) Of(ModelProto model)
    {
        var stored = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        if (model.Graph.Input.Where(input => !stored.Contains(input.Name)).ToList() is not [var input]
            || input.Type?.TensorType?.Shape is not { Dim.Count: > 1 } shape
            || model.Graph.Output.FirstOrDefault(output => output.Type?.TensorType?.Shape?.Dim.Count == 2) is not { } output
            || Find(shape.Dim, output.Type.TensorType.Shape.Dim) is not var (axis, outputAxis))
        {
            return (model, null);
        }

        var turned = model.Clone();
        if (axis > 0)
        {
            TurnInput(turned.Graph, turned.Graph.Input.Single(own => own.Name == input.Name), axis);
        }

        if (outputAxis > 0)
        {
            TurnOutput(turned.Graph, turned.Graph.Output.Single(own => own.Name == output.Name));
        }

        var where = axis > 0 ? $"dimension {axis + 1} of its input {ModelValidator.Quote(input.Name)}" : "";
        var and = axis > 0 && outputAxis > 0 ? " and " : "";
        var end = outputAxis > 0 ? $"dimension 2 of its output {ModelValidator.Quote(output.Name)}" : "";
        return (turned, $"The graph declares its batch as {where}{and}{end}; it was turned to come first.");
    }

    /// <summary>The dimensions that are the batch, counted from 0; null where they are the first or cannot be told.</summary>
    private static (int Axis, int OutputAxis)? Find(RepeatedField<Dimension> input, RepeatedField<Dimension> output)
    {
        if (!IsOpen(output[0]))
        {
            // Only a name that stands at both ends tells classes first from a batch that is fixed.
            return IsOpen(output[1]) && output[1].DimParam.Length > 0 && Only(input, output[1].DimParam) is { } named ? (named, 1) : null;
        }

        var name = output[0].DimParam;
        if (IsOpen(input[0]) && (name.Length == 0 || input[0].DimParam == name))
        {
            return null;
        }

        if (name.Length > 0)
        {
            return Only(input, name) is { } axis ? (axis, 0) : null;
        }

        // Without names the one open dimension is the batch, unless the first, of size 1, may be a batch that was fixed.
        var open = Enumerable.Range(0, input.Count).Where(i => IsOpen(input[i])).ToList();
        return open is [> 0 and var only] && input[only].DimParam.Length == 0 && input[0].DimValue > 1 ? (only, 0) : null;
    }

    private static int? Only(RepeatedField<Dimension> dimensions, string name) =>
        Enumerable.Range(0, dimensions.Count).Where(i => IsOpen(dimensions[i]) && dimensions[i].DimParam == name).ToList() is [var only] ? only : null;

    private static bool IsOpen(Dimension dimension) => dimension.ValueCase != Dimension.ValueOneofCase.DimValue || dimension.DimValue < 1;

    private static void TurnInput(GraphProto graph, ValueInfoProto input, int axis)
    {
        var dimensions = input.Type.TensorType.Shape.Dim;
        var batch = dimensions[axis];
        dimensions.RemoveAt(axis);
        dimensions.Insert(0, batch);
        var inside = GraphNames.Unused(graph, input.Name + Before);
        GraphNames.Rename(graph, input.Name, inside);
        var turn = new GraphProto();
        long[] back = [.. Enumerable.Range(0, dimensions.Count).Select(i => i == axis ? 0L : i < axis ? i + 1 : i)];
        new GraphBuilder(turn).Node("Transpose", [input.Name], inside, ("perm", back));
        graph.Node.Insert(0, turn.Node[0]);
    }

    private static void TurnOutput(GraphProto graph, ValueInfoProto output)
    {
        var dimensions = output.Type.TensorType.Shape.Dim;
        var classes = dimensions[0];
        dimensions.RemoveAt(0);
        dimensions.Add(classes);
        var inside = GraphNames.Unused(graph, output.Name + Before);
        GraphNames.Rename(graph, output.Name, inside);
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = node.Output[i] == output.Name ? inside : node.Output[i];
            }
        }

        foreach (var value in graph.ValueInfo.Where(value => value.Name == output.Name))
        {
            value.Name = inside;
        }

        new GraphBuilder(graph).Node("Transpose", [inside], output.Name, ("perm", new long[] { 1, 0 }));

        // The node before may bear the output's name, and ONNX Runtime takes each name once.
        graph.Node[^1].Name = inside + "_turned";
    }
}
