using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// Puts the bodies of a model's own functions in the place of their calls, so that every walk over a graph sees one flat
/// graph of operators. The model was checked: no function calls itself, and together they stay small.
/// </summary>
internal sealed class FunctionInliner
{
    private const int LongestPrefix = 160;
    private readonly ModelProto model;
    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> functions;
    private readonly HashSet<string> taken;
    private readonly HashSet<string> labels;
    private readonly OperatorVersions versions;
    private int fresh;

    private FunctionInliner(ModelProto model)
    {
        this.model = model;
        functions = model.Functions.ToDictionary(function => (Domain(function.Domain), function.Name, function.Overload));
        taken = [.. GraphOrder.AllNames(model.Graph), .. model.Graph.Output.Select(output => output.Name)];
        labels = [.. Labels(model.Graph)];
        versions = new OperatorVersions(model.OpsetImport);
    }

    /// <summary>The same model without functions; the model itself where it has none.</summary>
    /// <exception cref="ModelRejectedException">Functions and graph are written for operator sets between which an operator changed.</exception>
    public static ModelProto Inline(ModelProto model)
    {
        if (model.Functions.Count == 0)
        {
            return model;
        }

        var flat = model.Clone();
        flat.TrainingInfo.Clear();
        var inliner = new FunctionInliner(flat);
        inliner.InlineNodes(flat.Graph, new Scope(null, [], "", inliner.versions.OfModel, ""));
        flat.Functions.Clear();
        inliner.versions.Apply(flat);
        return flat;
    }

    private void InlineNodes(GraphProto graph, Scope scope)
    {
        var nodes = graph.Node.ToList();
        graph.Node.Clear();
        InlineNodes(nodes, graph.Node, scope);
    }

    private void InlineNodes(IEnumerable<NodeProto> nodes, ICollection<NodeProto> target, Scope scope)
    {
        foreach (var node in nodes)
        {
            var own = Instantiate(node, scope);
            if (functions.TryGetValue((Domain(own.Domain), own.OpType, own.Overload), out var function))
            {
                Expand(own, function, target, scope);
            }
            else
            {
                versions.Use(own, scope.Versions, scope.Function);
                target.Add(own);
            }
        }
    }

    /// <summary>The body of a function with the names and attributes of a call.</summary>
    private void Expand(NodeProto call, FunctionProto function, ICollection<NodeProto> target, Scope caller)
    {
        var label = call.Name.Length > 0 ? call.Name : function.Name;
        var prefix = label.Length > LongestPrefix ? label[^LongestPrefix..] : label;
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < function.Input.Count; i++)
        {
            // An argument that is left out is absent for whoever reads it.
            names[function.Input[i]] = i < call.Input.Count ? call.Input[i] : "";
        }

        var copies = new List<(string From, string To)>();
        for (var i = 0; i < Math.Min(function.Output.Count, call.Output.Count); i++)
        {
            if (call.Output[i].Length == 0)
            {
                continue;
            }

            if (!names.TryAdd(function.Output[i], call.Output[i]))
            {
                // An output that is an argument, or an output named twice.
                copies.Add((names[function.Output[i]], call.Output[i]));
            }
        }

        foreach (var output in function.Node.SelectMany(node => node.Output).Where(output => output.Length > 0 && !names.ContainsKey(output)).ToList())
        {
            names[output] = Fresh(prefix, output);
        }

        var attributes = function.AttributeProto.ToDictionary(attribute => attribute.Name, StringComparer.Ordinal);
        foreach (var given in call.Attribute)
        {
            attributes[given.Name] = given;
        }

        InlineNodes(function.Node, target, new Scope(names, attributes, prefix, OperatorVersions.Of(function.OpsetImport, caller.Versions), function.Name));
        foreach (var (from, to) in copies)
        {
            var copy = new NodeProto { OpType = "Identity", Name = Unused(labels, $"{prefix}/{to}") };
            copy.Input.Add(from);
            copy.Output.Add(to);
            target.Add(copy);
        }
    }

    /// <summary>A node with the names and attributes of the place it comes to stand in.</summary>
    private NodeProto Instantiate(NodeProto node, Scope scope)
    {
        var own = node.Clone();
        if (scope.Prefix.Length > 0)
        {
            // ONNX Runtime takes each name of a node once.
            own.Name = Unused(labels, $"{scope.Prefix}/{(node.Name.Length > 0 ? node.Name : node.OpType)}");
        }

        for (var i = 0; i < own.Input.Count; i++)
        {
            own.Input[i] = scope.Name(own.Input[i]);
        }

        for (var i = 0; i < own.Output.Count; i++)
        {
            own.Output[i] = scope.Name(own.Output[i]);
        }

        own.Attribute.Clear();
        foreach (var attribute in node.Attribute)
        {
            if (attribute.RefAttrName.Length == 0)
            {
                var copy = attribute.Clone();
                foreach (var graph in copy.G is null ? copy.Graphs : copy.Graphs.Prepend(copy.G))
                {
                    Rename(graph, scope);
                }

                own.Attribute.Add(copy);
            }
            else if (scope.Attributes.TryGetValue(attribute.RefAttrName, out var given))
            {
                // A graph among the arguments has the caller's names already.
                var copy = given.Clone();
                copy.Name = attribute.Name;
                own.Attribute.Add(copy);
            }

            // Else the function's caller left it out, and the operator's own default holds.
        }

        return own;
    }

    /// <summary>Inlines within a subgraph; inside a function its own tensors get new names, since the function may be called again.</summary>
    private void Rename(GraphProto graph, Scope outer)
    {
        var scope = outer;
        if (outer.Names is { } known)
        {
            var names = new Dictionary<string, string>(known, StringComparer.Ordinal);
            foreach (var name in graph.Input.Select(input => input.Name).Concat(graph.Initializer.Select(tensor => tensor.Name))
                .Concat(graph.SparseInitializer.Select(sparse => sparse.Values.Name)).Concat(graph.Node.SelectMany(node => node.Output)).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).ToList())
            {
                names[name] = Fresh(outer.Prefix, name);
            }

            scope = outer with { Names = names };
            graph.ValueInfo.Clear();
            foreach (var value in graph.Input.Concat(graph.Output))
            {
                value.Name = scope.Name(value.Name);
            }

            foreach (var tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(sparse => sparse.Values)))
            {
                tensor.Name = scope.Name(tensor.Name);
            }
        }

        InlineNodes(graph, scope);
    }

    private string Fresh(string prefix, string name) => Unused(taken, $"{prefix}/{name}");

    private string Unused(HashSet<string> names, string name)
    {
        var own = name;
        while (!names.Add(own))
        {
            own = FormattableString.Invariant($"{name}_{++fresh}");
        }

        return own;
    }

    private static IEnumerable<string> Labels(GraphProto graph) =>
        graph.Node.SelectMany(node => GraphOrder.Subgraphs(node).SelectMany(Labels).Prepend(node.Name));

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    /// <summary>Where nodes come to stand.</summary>
    /// <param name="Names">What the names of a function's body are called there; null outside functions, where names stay.</param>
    /// <param name="Attributes">What attributes that refer to the function's own stand for.</param>
    /// <param name="Prefix">Of new names.</param>
    /// <param name="Versions">Versions of operator sets by domain.</param>
    /// <param name="Function">The function's name, for messages; empty outside functions.</param>
    private sealed record Scope(Dictionary<string, string>? Names, Dictionary<string, AttributeProto> Attributes, string Prefix, IReadOnlyDictionary<string, long> Versions, string Function)
    {
        public string Name(string name) => Names?.GetValueOrDefault(name, name) ?? name;
    }
}
