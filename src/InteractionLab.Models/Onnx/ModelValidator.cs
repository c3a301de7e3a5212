using System.Globalization;
using InteractionLab.Models.Onnx.Proto;
using AttributeType = InteractionLab.Models.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// Checks the structure of a model before ONNX Runtime sees it: native code is given no sizes that lie, no dangling
/// names, no cycles and no file references.
/// </summary>
internal sealed class ModelValidator
{
    private const int MaxNodes = 1_000_000;

    // Layers that are functions repeat their bodies; what multiplies further than this was made to.
    private const int MaxInlinedNodes = 100_000;
    private const int AnyGrowthNodes = 2_000;
    private const int MaxGrowth = 100;
    private const long MaxInlinedBytes = 1L << 30;
    private const int MaxDepth = 24;
    private int nodes;

    private ModelValidator()
    {
    }

    public static void Check(ModelProto model)
    {
        if (model.Graph is null)
        {
            throw new ModelRejectedException("The file is not an ONNX model: it holds no graph.");
        }

        if (!model.HasIrVersion)
        {
            throw new ModelRejectedException("The file is not an ONNX model: it has no IR version.");
        }

        if (!model.OpsetImport.Any(opset => opset.Domain is "" or "ai.onnx"))
        {
            throw new ModelRejectedException("The model does not say which ONNX operator set it uses; the file may be truncated.");
        }

        if (model.Graph.Output.Count == 0)
        {
            throw new ModelRejectedException("The model has no outputs.");
        }

        var validator = new ModelValidator();
        validator.CheckGraph(model.Graph, new HashSet<string>(StringComparer.Ordinal), inFunction: false, depth: 0);
        validator.CheckFunctions(model);
        foreach (var training in model.TrainingInfo)
        {
            foreach (var graph in new[] { training.Initialization, training.Algorithm })
            {
                if (graph is not null)
                {
                    // Never run, but a reference to a file is refused wherever it stands.
                    validator.CheckTensors(graph);
                }
            }
        }
    }

    /// <summary>A name from the file as it may stand in a message: quoted, printable, short.</summary>
    public static string Quote(string name)
    {
        var shown = string.Concat(name.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return name.Length > 80 ? $"'{shown}…'" : $"'{shown}'";
    }

    private void CheckGraph(GraphProto graph, HashSet<string> outer, bool inFunction, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ModelRejectedException($"The model nests graphs more than {MaxDepth} deep.");
        }

        CheckTensors(graph);
        var known = new HashSet<string>(outer, StringComparer.Ordinal);
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in graph.Initializer.Select(tensor => tensor.Name).Concat(graph.SparseInitializer.Select(sparse => sparse.Values.Name)))
        {
            Define(own, name, "initializer");
        }

        foreach (var input in graph.Input)
        {
            CheckValue(input, "input");
            known.Add(input.Name);
        }

        if (graph.Input.GroupBy(input => input.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ModelRejectedException($"The input {Quote(twice.Key)} is declared twice.");
        }

        foreach (var value in graph.ValueInfo)
        {
            CheckValue(value, "tensor");
        }

        foreach (var output in graph.Node.SelectMany(node => node.Output).Where(output => output.Length > 0))
        {
            Define(own, output, "tensor");
        }

        if (graph.Node.SelectMany(node => node.Output).FirstOrDefault(known.Contains) is { Length: > 0 } clash)
        {
            throw new ModelRejectedException($"The tensor {Quote(clash)} is computed although it is an input or stands in an outer graph.");
        }

        known.UnionWith(own);
        CheckNodes(graph.Node, known, inFunction, depth);
        foreach (var output in graph.Output)
        {
            CheckValue(output, "output");
            if (!known.Contains(output.Name))
            {
                throw new ModelRejectedException($"The output {Quote(output.Name)} is computed by no node.");
            }
        }
    }

    private void CheckNodes(Google.Protobuf.Collections.RepeatedField<NodeProto> list, HashSet<string> known, bool inFunction, int depth)
    {
        nodes += list.Count;
        if (nodes > MaxNodes)
        {
            throw TooManyNodes();
        }

        foreach (var node in list)
        {
            var what = $"Node {Quote(node.Name)} ({Quote(node.OpType)})";
            if (node.OpType.Length == 0)
            {
                throw new ModelRejectedException($"Node {Quote(node.Name)} has no operator.");
            }

            if (node.Input.FirstOrDefault(input => input.Length > 0 && !known.Contains(input)) is { } missing)
            {
                throw new ModelRejectedException($"{what} reads {Quote(missing)}, which nothing provides.");
            }

            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var attribute in node.Attribute)
            {
                if (attribute.Name.Length == 0 || !names.Add(attribute.Name))
                {
                    throw new ModelRejectedException($"{what} has an attribute without a name or twice ({Quote(attribute.Name)}).");
                }

                CheckAttribute(attribute, what, inFunction);
                foreach (var graph in attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G))
                {
                    CheckGraph(graph, known, inFunction, depth + 1);
                }
            }

            OperatorChecks.Check(node, what);
        }

        if (GraphOrder.Sort(list) is null)
        {
            throw new ModelRejectedException("The graph has a cycle: some nodes wait for each other.");
        }
    }

    private static void CheckAttribute(AttributeProto attribute, string what, bool inFunction)
    {
        if (attribute.RefAttrName.Length > 0)
        {
            if (!inFunction)
            {
                throw new ModelRejectedException($"{what} takes its attribute {Quote(attribute.Name)} from a function, but is in none.");
            }

            return;
        }

        var complete = attribute.Type switch
        {
            AttributeType.Tensor => attribute.T is not null,
            AttributeType.Graph => attribute.G is not null,
            AttributeType.SparseTensor => attribute.SparseTensor is not null,
            AttributeType.TypeProto => attribute.Tp is not null,
            AttributeType.Undefined => false,
            var type => Enum.IsDefined(type),
        };
        if (!complete)
        {
            throw new ModelRejectedException($"{what} has an attribute {Quote(attribute.Name)} whose type ({(int)attribute.Type}) and content do not fit.");
        }
    }

    /// <summary>Functions are expanded by the runtime: they must not call themselves, nor multiply beyond reason.</summary>
    private void CheckFunctions(ModelProto model)
    {
        var functions = new Dictionary<(string, string, string), FunctionProto>();
        foreach (var function in model.Functions)
        {
            if (!functions.TryAdd((function.Domain, function.Name, function.Overload), function))
            {
                throw new ModelRejectedException($"The function {Quote(function.Name)} is defined twice.");
            }

            foreach (var attribute in function.AttributeProto)
            {
                CheckTensors(attribute, $"The function {Quote(function.Name)}");
            }

            foreach (var node in function.Node)
            {
                CheckTensors(node);
            }

            var known = new HashSet<string>(function.Input, StringComparer.Ordinal);
            foreach (var output in function.Node.SelectMany(node => node.Output).Where(output => output.Length > 0))
            {
                Define(known, output, "tensor");
            }

            CheckNodes(function.Node, known, inFunction: true, depth: 0);
            if (function.Output.FirstOrDefault(output => !known.Contains(output)) is { } missing)
            {
                throw new ModelRejectedException($"The function {Quote(function.Name)} does not compute its output {Quote(missing)}.");
            }
        }

        if (functions.Count > 0)
        {
            CheckInlined(model, functions);
        }
    }

    private void CheckInlined(ModelProto model, Dictionary<(string, string, string), FunctionProto> functions)
    {
        var (count, bytes) = Expanded(AllNodes(model.Graph.Node), functions, [], []);
        if (count > MaxInlinedNodes || (count > AnyGrowthNodes && count > (long)MaxGrowth * nodes))
        {
            throw TooManyInlined(count);
        }

        if (bytes > MaxInlinedBytes && bytes > 2L * model.CalculateSize())
        {
            throw new ModelRejectedException(string.Create(CultureInfo.InvariantCulture, $"The model's functions multiply their constants to {bytes >> 20:N0} MiB; store what they share as initializers."));
        }
    }

    /// <summary>Nodes, and bytes of their attributes, after every call has become the function's body.</summary>
    private (long Nodes, long Bytes) Expanded(IEnumerable<NodeProto> list, Dictionary<(string, string, string), FunctionProto> functions, Dictionary<FunctionProto, (long, long)> sizes, HashSet<FunctionProto> open)
    {
        var (total, bytes) = (0L, 0L);
        foreach (var node in list)
        {
            if (!functions.TryGetValue((node.Domain, node.OpType, node.Overload), out var function))
            {
                total++;
                bytes += node.Attribute.Where(attribute => attribute.T is not null).Sum(attribute => (long)attribute.CalculateSize());
                continue;
            }

            if (!sizes.TryGetValue(function, out var size))
            {
                if (open.Count > 64 || !open.Add(function))
                {
                    throw new ModelRejectedException($"The function {Quote(function.Name)} calls itself or nests too deep.");
                }

                size = Expanded(AllNodes(function.Node), functions, sizes, open);
                open.Remove(function);
                sizes[function] = size;
            }

            total += size.Item1;
            bytes += size.Item2;
            if (total > MaxNodes)
            {
                throw TooManyInlined(total);
            }
        }

        return (total, bytes);
    }

    private static IEnumerable<NodeProto> AllNodes(IEnumerable<NodeProto> list) =>
        list.SelectMany(node => GraphOrder.Subgraphs(node).SelectMany(graph => AllNodes(graph.Node)).Prepend(node));

    private void CheckTensors(GraphProto graph)
    {
        foreach (var tensor in graph.Initializer)
        {
            TensorChecks.Check(tensor, $"The initializer {Quote(tensor.Name)}");
        }

        foreach (var sparse in graph.SparseInitializer)
        {
            TensorChecks.Check(sparse, $"The initializer {Quote(sparse.Values?.Name ?? "")}");
        }

        foreach (var node in graph.Node)
        {
            CheckTensors(node);
        }
    }

    private void CheckTensors(NodeProto node)
    {
        foreach (var attribute in node.Attribute)
        {
            CheckTensors(attribute, $"Node {Quote(node.Name)} ({Quote(node.OpType)})");
        }
    }

    private void CheckTensors(AttributeProto attribute, string owner)
    {
        var what = $"{owner}: the tensor {Quote(attribute.Name)}";
        foreach (var tensor in attribute.T is null ? attribute.Tensors : attribute.Tensors.Prepend(attribute.T))
        {
            TensorChecks.Check(tensor, what);
        }

        foreach (var sparse in attribute.SparseTensor is null ? attribute.SparseTensors : attribute.SparseTensors.Prepend(attribute.SparseTensor))
        {
            TensorChecks.Check(sparse, what);
        }

        foreach (var graph in attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G))
        {
            CheckTensors(graph);
        }
    }

    private static void CheckValue(ValueInfoProto value, string what)
    {
        if (value.Name.Length == 0)
        {
            throw new ModelRejectedException($"An {what} of the graph has no name.");
        }

        if (value.Type?.TensorType is not { } tensor)
        {
            return;
        }

        if (tensor.ElemType != 0 && !Enum.IsDefined((TensorProto.Types.DataType)tensor.ElemType))
        {
            throw new ModelRejectedException($"The {what} {Quote(value.Name)} has an unknown element type ({tensor.ElemType}).");
        }

        // -1 and 0 stand for "any" in some exporters; anything else negative is damage.
        if (tensor.Shape?.Dim.FirstOrDefault(dim => dim.DimValue is < -1 or > int.MaxValue) is { } odd)
        {
            throw new ModelRejectedException($"The {what} {Quote(value.Name)} has an impossible dimension ({odd.DimValue}).");
        }
    }

    private static void Define(HashSet<string> names, string name, string what)
    {
        if (name.Length == 0 || !names.Add(name))
        {
            throw new ModelRejectedException(name.Length == 0 ? $"A {what} has no name." : $"The {what} {Quote(name)} is defined twice.");
        }
    }

    private ModelRejectedException TooManyInlined(long count) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The model's functions make {nodes:N0} nodes into {count:N0} or more: more than {MaxInlinedNodes:N0} nodes, or more than {MaxGrowth} times what is stored. Functions that call each other so often are not inlined; export the model without them."));

    private static ModelRejectedException TooManyNodes() =>
        new(string.Create(CultureInfo.InvariantCulture, $"The model has more than {MaxNodes:N0} nodes."));
}
