using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Masking;

/// <summary>
/// Rewrites a graph that was exported for a fixed batch size so that it takes any: declared sizes are dropped, and
/// constants that repeat the batch size (shapes of Reshape, Expand and Resize, tensors that were stored once a row) are
/// freed. The results are proposals; whether one computes the same is for <see cref="BatchProbe"/> to say.
/// </summary>
internal sealed class BatchRelaxation
{
    private const int MostSizes = 24;
    private const long LargestSize = 1024;
    private readonly NetworkGraph network;
    private readonly ModelProto model;
    private readonly GraphProto graph;
    private readonly int batch;
    private readonly Dictionary<string, long[]> constants;
    private readonly HashSet<string> dependent;
    private readonly HashSet<string> taken;
    private readonly BatchAxes? axes;
    private readonly List<NodeProto> nodes = [];
    private readonly List<string> changes = [];
    private string? rowCount;

    private BatchRelaxation(NetworkGraph network, IReadOnlyDictionary<string, IReadOnlyList<long?>>? shapes, BatchPlace place)
    {
        this.network = network;
        batch = network.FixedBatch ?? 1;
        model = network.Model.Clone();
        graph = model.Graph;
        constants = Constants(graph);
        dependent = new HashSet<string>(StringComparer.Ordinal) { network.Input };
        taken = [.. GraphOrder.AllNames(graph)];
        axes = shapes is null ? null : new BatchAxes(network, shapes, constants, place);
    }

    /// <summary>
    /// Graphs that take any batch, likeliest first. The first follows the convention that the batch comes first; the others
    /// follow it through the graph.
    /// </summary>
    /// <param name="network">Written for <see cref="NetworkGraph.FixedBatch"/> rows.</param>
    /// <param name="declaredOpen">Whether its input is declared to take any number of rows: then constants alone hold it.</param>
    public static IEnumerable<NetworkGraph> Proposals(NetworkGraph network, bool declaredOpen)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (declaredOpen)
        {
            seen.Add("");
        }

        IReadOnlyDictionary<string, IReadOnlyList<long?>>? shapes = null;
        foreach (var way in new BatchPlace?[] { null, BatchPlace.Leading, BatchPlace.Trailing })
        {
            if (way is not null && (shapes ??= Shapes(network)) is null)
            {
                yield break;
            }

            var relaxation = new BatchRelaxation(network, way is null ? null : shapes, way ?? default);
            var proposal = relaxation.Run();
            if (seen.Add(string.Join('\n', relaxation.changes)))
            {
                yield return proposal;
            }
        }
    }

    /// <summary>
    /// Batch sizes above 1 that constants of the graph may repeat, rising: what divides the sizes that its shapes are given, and
    /// the rows of stored tensors that stand beside samples.
    /// </summary>
    public static IReadOnlyList<int> Sizes(NetworkGraph network)
    {
        var constants = Constants(network.Model.Graph);
        var found = new SortedSet<int>();
        foreach (var node in network.Model.Graph.Node.Where(node => node.OpType is "Reshape" or "Expand" && node.Input.Count > 1))
        {
            foreach (var size in constants.GetValueOrDefault(node.Input[1], []).Where(size => size is > 1 and <= LargestSize))
            {
                found.UnionWith(Enumerable.Range(2, (int)size - 1).Where(divisor => size % divisor == 0));
            }
        }

        var stored = network.Model.Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => tensor.Dims, StringComparer.Ordinal);
        foreach (var node in network.Model.Graph.Node)
        {
            var axis = node.OpType is "LSTM" or "GRU" or "RNN" ? 1 : 0;
            var beside = axis == 1 ? node.Input.Skip(5) : node.OpType is "Concat" or "Add" or "Sub" or "Mul" or "Div" or "Where" ? node.Input : [];
            found.UnionWith(beside.Select(name => stored.GetValueOrDefault(name)).Where(sizes => sizes?.Count > 1 && sizes[axis] is > 1 and <= LargestSize).Select(sizes => (int)sizes![axis]));
        }

        return [.. found.Take(MostSizes)];
    }

    private NetworkGraph Run()
    {
        graph.ValueInfo.Clear();
        graph.Input[0].Type.TensorType.Shape?.Dim[0] = new TensorShapeProto.Types.Dimension { DimParam = "batch" };
        graph.Output[0].Type.TensorType.Shape = null;
        foreach (var node in GraphOrder.Sort(graph.Node) ?? [])
        {
            if (GraphOrder.Reads(node).Any(dependent.Contains))
            {
                dependent.UnionWith(node.Output);
                Free(node);
                axes?.Follow(node);
            }

            nodes.Add(node);
        }

        graph.Node.Clear();
        graph.Node.Add(nodes);
        return network with { Model = model, FixedBatch = null };
    }

    private void Free(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Reshape" or "Expand" when node.Input.Count > 1 && constants.TryGetValue(node.Input[1], out var shape):
                FreeShape(node, shape);
                break;
            case "Reshape" when axes is not null && node.Input.Count > 1:
                FreeJoined(node);
                break;
            case "Resize" when node.Input.Count > 3 && AxisOf(node.Input[0]) is { } axis && constants.TryGetValue(node.Input[3], out var sizes) && axis < sizes.Length && sizes[axis] == batch:
                node.Input[3] = Shaped(node, sizes, axis);
                break;
            case "Concat" or "Where" or "Add" or "Sub" or "Mul" or "Div" or "Pow" or "MatMul" or "Min" or "Max":
                FreeOperands(node);
                break;
            case "LSTM" or "GRU" or "RNN" when AxisOf(node.Input[0]) == 1:
                for (var state = 5; state < Math.Min(node.Input.Count, 7); state++)
                {
                    FreeOperand(node, state, 1, expand: true);
                }

                break;
            default:
                break;
        }
    }

    private int? AxisOf(string name) => axes is null ? null : axes[name];

    private void FreeShape(NodeProto node, long[] shape)
    {
        if (axes is null || axes[node.Input[0]] is not { } axis || axes.Shape(node.Input[0]) is not { } from || axes.Shape(node.Output[0]) is not { } to)
        {
            if (Freed(node.OpType, shape, batch) is { } freed)
            {
                Replace(node, freed);
            }

            return;
        }

        if (node.OpType == "Expand")
        {
            // 1 broadcasts against whatever the batch is.
            var j = axis + shape.Length - from.Length;
            if (j >= 0 && j < shape.Length && shape[j] == from[axis])
            {
                Replace(node, [.. shape[..j], 1, .. shape[(j + 1)..]]);
            }

            return;
        }

        if (axes.Place(from, axis, to) is not { } place || place >= shape.Length || shape[place] < 1)
        {
            return;
        }

        if (!shape.Contains(-1))
        {
            Replace(node, [.. shape[..place], -1, .. shape[(place + 1)..]]);
        }
        else
        {
            changes.Add($"{node.Output[0]} {place}");
            node.Input[1] = Shaped(node, shape, place);
        }
    }

    /// <summary>A shape that is put together from constants and sizes: the constant that is the batch becomes what is left.</summary>
    private void FreeJoined(NodeProto node)
    {
        if (nodes.FirstOrDefault(other => other.Output.Contains(node.Input[1])) is not { OpType: "Concat" } joined
            || axes![node.Input[0]] is not { } axis || axes.Shape(node.Input[0]) is not { } from || axes.Shape(node.Output[0]) is not { } to
            || axes.Place(from, axis, to) is not { } place || joined.Input.Count != to.Length
            || !constants.TryGetValue(joined.Input[place], out var size) || size is not [> 0])
        {
            return;
        }

        var name = Name($"{node.Output[0]}_any_batch");
        var copy = joined.Clone();
        copy.Name = copy.Output[0] = name;
        copy.Input[place] = Rows(size[0] / batch);
        nodes.Add(copy);
        node.Input[1] = name;
        changes.Add($"{node.Output[0]} joined {place}");
    }

    private void FreeOperands(NodeProto node)
    {
        if (axes is null || node.Input.ToList().FindIndex(name => axes[name] is not null) is not (>= 0 and var known)
            || axes.Shape(node.Input[known]) is not { } shape || axes.Shape(node.Output[0]) is not { } to)
        {
            return;
        }

        var axis = axes[node.Input[known]]!.Value + to.Length - shape.Length;
        for (var i = 0; i < node.Input.Count; i++)
        {
            // The last two axes of a matrix are summed over or are the product's own.
            if (axes.Shape(node.Input[i]) is { } own && (node.OpType != "MatMul" || axis - to.Length < -2))
            {
                FreeOperand(node, i, axis - to.Length + own.Length, expand: node.OpType == "Concat");
            }
        }
    }

    /// <summary>A tensor that does not depend on the samples and was stored once for each: its first slice stands for all.</summary>
    private void FreeOperand(NodeProto node, int input, int axis, bool expand)
    {
        var name = node.Input[input];
        if (name.Length == 0 || dependent.Contains(name) || axes!.Shape(name) is not { } shape || axis < 0 || axis >= shape.Length || shape[axis] != batch || (batch == 1 && !expand))
        {
            return;
        }

        changes.Add($"{node.Output[0]} operand {input}");
        var first = name;
        if (batch > 1)
        {
            first = Name($"{name}_of_one_row");
            nodes.Add(Node("Gather", [name, Vector($"{first}_index", [0])], first, ("axis", axis)));
        }

        node.Input[input] = first;
        if (expand)
        {
            node.Input[input] = Name($"{name}_any_batch");
            nodes.Add(Node("Expand", [first, Shaped(node, shape, axis)], node.Input[input]));
        }
    }

    /// <summary>A shape whose size along an axis, a multiple of the batch, follows the rows that come in.</summary>
    private string Shaped(NodeProto node, long[] shape, int axis)
    {
        var name = Name($"{node.Output[0]}_shape");
        List<string> parts = [];
        if (axis > 0)
        {
            parts.Add(Vector($"{name}_before", shape[..axis]));
        }

        parts.Add(Rows(shape[axis] / batch));
        if (axis + 1 < shape.Length)
        {
            parts.Add(Vector($"{name}_behind", shape[(axis + 1)..]));
        }

        nodes.Add(Node("Concat", parts, name, ("axis", 0)));
        return name;
    }

    /// <summary>So many times the rows that come in, int64 [1].</summary>
    private string Rows(long times)
    {
        if (rowCount is null)
        {
            var sizes = Name("lab_rows_shape");
            rowCount = Name("lab_rows");
            nodes.Insert(0, Node("Shape", [network.Input], sizes));
            nodes.Insert(1, Node("Gather", [sizes, Vector("lab_rows_index", [0])], rowCount, ("axis", 0)));
        }

        if (times == 1)
        {
            return rowCount;
        }

        var name = Name(FormattableString.Invariant($"lab_rows_{times}"));
        nodes.Add(Node("Mul", [rowCount, Vector($"{name}_times", [times])], name));
        return name;
    }

    /// <summary>A constant of its own: the old one may shape weights elsewhere.</summary>
    private void Replace(NodeProto node, long[] shape)
    {
        changes.Add($"{node.Output[0]} [{string.Join(',', shape)}]");
        node.Input[1] = Vector($"{node.Output[0]}_any_batch", shape);
    }

    private string Vector(string name, long[] values)
    {
        var own = Name(name);
        graph.Initializer.Add(TensorData.Vector(own, values));
        return own;
    }

    private string Name(string name)
    {
        while (!taken.Add(name))
        {
            name += "_";
        }

        return name;
    }

    private static NodeProto Node(string type, IReadOnlyList<string> inputs, string output, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var own = new GraphProto();
        new GraphBuilder(own).Node(type, inputs, output, attributes);
        return own.Node[0];
    }

    private static long[]? Freed(string operation, long[] shape, int batch)
    {
        if (shape.Length == 0 || shape[0] < 1)
        {
            return null;
        }

        if (operation == "Expand")
        {
            // 1 broadcasts against whatever the batch is.
            return shape[0] == batch ? [1, .. shape[1..]] : null;
        }

        if (!shape.Contains(-1))
        {
            return [-1, .. shape[1..]];
        }

        // 0 takes the size from the input, whose first dimension is the batch.
        return shape[0] == batch ? [0, .. shape[1..]] : null;
    }

    /// <summary>Shapes of all tensors for the batch size that the graph is written for.</summary>
    private static Dictionary<string, IReadOnlyList<long?>>? Shapes(NetworkGraph network)
    {
        var batch = network.FixedBatch ?? 1;
        var fixedSize = network.Model.Clone();
        fixedSize.Graph.Input[0].Type.TensorType.Shape = GraphBuilder.ValueInfo("", default, [batch, .. network.SampleShape.Select(size => (long?)size)]).Type.TensorType.Shape;
        if (NodeShapes.TryInfer(fixedSize, batch) is not { } shapes)
        {
            return null;
        }

        foreach (var tensor in network.Model.Graph.Initializer)
        {
            shapes.TryAdd(tensor.Name, [.. tensor.Dims.Select(size => (long?)size)]);
        }

        shapes[network.Input] = [batch, .. network.SampleShape.Select(size => (long?)size)];
        return shapes;
    }

    private static Dictionary<string, long[]> Constants(GraphProto graph)
    {
        const int Int64 = (int)TensorProto.Types.DataType.Int64;
        var constants = graph.Initializer.Where(tensor => tensor.DataType == Int64)
            .ToDictionary(tensor => tensor.Name, TensorData.Int64, StringComparer.Ordinal);
        foreach (var node in graph.Node.Where(node => node.OpType == "Constant"))
        {
            if (node.Attribute.FirstOrDefault(attribute => attribute.T is { DataType: Int64 }) is { } tensor)
            {
                constants[node.Output[0]] = TensorData.Int64(tensor.T);
            }
            else if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "value_ints") is { } ints)
            {
                constants[node.Output[0]] = [.. ints.Ints];
            }
        }

        return constants;
    }
}
