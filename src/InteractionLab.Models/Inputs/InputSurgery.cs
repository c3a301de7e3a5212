using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Inputs;

/// <summary>Gives a graph the one input of a reading: the others are computed from it, pictures are turned. What was changed can be taken back.</summary>
/// <param name="proto">The graph, which is changed.</param>
internal sealed class InputSurgery(ModelProto proto)
{
    /// <summary>The first operator set that counts positions.</summary>
    public const long RangeOpset = 11;

    private readonly List<ValueInfoProto> inputs = [.. proto.Graph.Input.Select(input => input.Clone())];
    private readonly List<TensorProto> defaults = [];
    private readonly HashSet<string> added = new(StringComparer.Ordinal);
    private string sample = "";
    private string inside = "";

    /// <summary>Changes the graph.</summary>
    /// <returns>The tensor that players own, where what is made of the sample must not follow them.</returns>
    public string? Apply(InputReading reading)
    {
        sample = reading.Sample.Name;
        inside = GraphNames.Unused(proto.Graph, sample + (reading.Inputs.Count > 1 ? "_of_players" : "_channels_last"));
        GraphNames.Rename(proto.Graph, sample, inside);
        var own = new GraphProto();
        var graph = new GraphBuilder(own);
        if (reading.Inputs.Count == 1)
        {
            graph.Node("Transpose", [sample], inside, ("perm", new long[] { 0, 2, 3, 1 }));
            TurnDeclaration();
        }
        else
        {
            graph.Node("Identity", [sample], inside);
            foreach (var other in reading.Inputs.Where(input => input.Role != InputRole.Ids))
            {
                Make(graph, other, reading.Pad);
            }
        }

        // In front of all that reads them.
        foreach (var node in own.Node.Reverse())
        {
            added.UnionWith(node.Output);
            proto.Graph.Node.Insert(0, node);
        }

        added.UnionWith(own.Initializer.Select(tensor => tensor.Name));
        proto.Graph.Initializer.Add(own.Initializer);
        return reading.Inputs.Count > 1 ? inside : null;
    }

    /// <summary>Takes the changes out of a graph that has them, and gives back the inputs.</summary>
    public void Undo(ModelProto changed)
    {
        var nodes = changed.Graph.Node.Where(node => !node.Output.All(added.Contains)).ToList();
        changed.Graph.Node.Clear();
        changed.Graph.Node.Add(nodes);
        var stored = changed.Graph.Initializer.Where(tensor => !added.Contains(tensor.Name)).Concat(defaults).ToList();
        changed.Graph.Initializer.Clear();
        changed.Graph.Initializer.Add(stored);
        GraphNames.Rename(changed.Graph, inside, sample);
        changed.Graph.Input.Clear();
        changed.Graph.Input.Add(inputs.Where(input => input.Name == sample || added.Contains(input.Name) || stored.Any(tensor => tensor.Name == input.Name)));
    }

    private void TurnDeclaration()
    {
        if (proto.Graph.Input.Single(input => input.Name == sample).Type?.TensorType?.Shape?.Dim is { Count: 4 } dimensions)
        {
            var channels = dimensions[3];
            dimensions.RemoveAt(3);
            dimensions.Insert(1, channels);
        }
    }

    /// <summary>Computes an input from the ids, under its own name.</summary>
    private void Make(GraphBuilder graph, TakenInput input, int pad)
    {
        var declared = proto.Graph.Input.Single(candidate => candidate.Name == input.Name);
        var type = (DataType)declared.Type.TensorType.ElemType;
        proto.Graph.Input.Remove(declared);
        if (proto.Graph.Initializer.FirstOrDefault(tensor => tensor.Name == input.Name) is { } ownDefault)
        {
            proto.Graph.Initializer.Remove(ownDefault);
            defaults.Add(ownDefault);
        }

        string Name(string part) => GraphNames.Unused(proto.Graph, $"{input.Name}_{part}");
        var made = input.Role switch
        {
            InputRole.Mask => graph.Node("Not", [graph.Node("Equal", [graph.Node("Cast", [sample], Name("ids"), ("to", (int)DataType.Int64)), graph.Initializer(Name("pad"), [(long)pad])], Name("is_pad"))], Name("is_token")),
            InputRole.Types => graph.Node("ConstantOfShape", [graph.Node("Shape", [inside], Name("shape"))], Name("zeros"), ("value", TensorData.Vector("", [0]))),
            _ => Positions(),
        };
        graph.Node("Cast", [made], input.Name, ("to", (int)type));

        string Positions()
        {
            var shape = graph.Node("Shape", [inside], Name("shape"));
            var length = graph.Node("Gather", [shape, graph.Initializer(Name("axis"), [1L])], Name("length"));
            return graph.Node("Expand", [graph.Node("Range", [graph.Initializer(Name("from"), [0L]), length, graph.Initializer(Name("step"), [1L])], Name("range")), shape], Name("counted"));
        }
    }
}
