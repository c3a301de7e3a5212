using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using AttributeType = InteractionLab.Models.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Onnx;

/// <summary>Models whose layers are functions of their own, as exporters write them.</summary>
internal static class Functions
{
    public const string Domain = "lab.layers";

    /// <summary>x [b, 6] through two blocks tanh(s·(x·Wᵀ + b)), the first with s = 0.5 by default and the second with 2, to three logits.</summary>
    public static ModelProto Layers(long opset = 15)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 6);
        graph.Output("logits", null, 3);
        Stored(graph, "w1", 8, 6);
        Stored(graph, "b1", 8);
        Stored(graph, "w2", 8, 8);
        Stored(graph, "b2", 8);
        Stored(graph, "w3", 3, 8);
        Stored(graph, "b3", 3);
        graph.Node("Block", ["x", "w1", "b1"], "h1");
        graph.Node("Block", ["h1", "w2", "b2"], "h2", ("scale", 2f));
        graph.Node("Linear", ["h2", "w3", "b3"], "logits");
        var model = graph.ToModel(opset);
        foreach (var call in model.Graph.Node)
        {
            call.Domain = Domain;
        }

        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        model.Functions.Add(Linear(opset));
        var block = Function("Block", ["x", "w", "b"], ["y"], opset);
        block.AttributeProto.Add(new AttributeProto { Name = "scale", Type = AttributeType.Float, F = 0.5f });
        block.Node.Add(Node("Linear", ["x", "w", "b"], ["h"], Domain));
        var scale = Node("Constant", [], ["s"]);
        scale.Attribute.Add(new AttributeProto { Name = "value_float", RefAttrName = "scale", Type = AttributeType.Float });
        block.Node.Add(scale);
        block.Node.Add(Node("Mul", ["h", "s"], ["m"]));
        block.Node.Add(Node("Tanh", ["m"], ["y"]));
        model.Functions.Add(block);
        return model;
    }

    /// <summary>The logits of <see cref="Layers"/> in double from the stored numbers.</summary>
    public static double[] Logits(ModelProto model, IReadOnlyList<float> x)
    {
        double[] Stored(string name) => [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(model.Graph.Initializer.Single(tensor => tensor.Name == name).RawData.Span).ToArray().Select(value => (double)value)];
        double[] Linear(double[] input, string w, string b) => [.. Stored(b).Select((bias, row) => bias + input.Select((value, k) => value * Stored(w)[(row * input.Length) + k]).Sum())];
        var first = Linear([.. x.Select(value => (double)value)], "w1", "b1").Select(h => Math.Tanh(0.5 * h)).ToArray();
        var second = Linear(first, "w2", "b2").Select(h => Math.Tanh(2 * h)).ToArray();
        return Linear(second, "w3", "b3");
    }

    /// <summary>
    /// Everything that inlining must keep apart: a subgraph that reads a function's argument and its own tensors, called
    /// twice; an output that is an argument; an output left out; an attribute left out.
    /// </summary>
    public static ModelProto Odd(long opset = 15, long functionOpset = 15, bool plain = false)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 6);
        graph.Output("z", null, 6);
        graph.Initializer("yes", [1L], 1);
        graph.Initializer("no", [0L], 1);
        graph.Initializer("shift", [0.25f, -1, 2, 0.5f, 3, -2], 6);
        var model = graph.ToModel(opset);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        var calls = model.Graph.Node;
        calls.Add(Node("Choose", ["x", "yes", "shift"], ["a", "same"], Domain));
        calls.Add(Node("Choose", ["same", "no"], ["b", ""], Domain));
        calls[1].Attribute.Add(new AttributeProto { Name = "slope", Type = AttributeType.Float, F = 0.3f });
        calls.Add(Node("Add", ["a", "b"], ["z"]));

        var choose = Function("Choose", ["x", "flag", "shift"], ["y", "x"], functionOpset);
        choose.Attribute.Add("slope");
        var cast = Node("Cast", ["flag"], ["truth"]);
        cast.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeType.Int, I = (long)DataType.Bool });
        choose.Node.Add(cast);
        choose.Node.Add(Node("Squeeze", ["truth"], ["condition"]));
        choose.Node.Add(Node("Neg", ["x"], ["inner"]));
        var branch = Node("If", ["condition"], ["y"]);
        var then = new GraphProto { Name = "then" };
        then.Node.Add(Node("Exp", ["inner"], ["own"]));
        then.Node.Add(Node("Add", ["own", "shift"], ["left"]));
        then.Output.Add(new ValueInfoProto { Name = "left" });
        var otherwise = new GraphProto { Name = "else" };
        var leaky = Node("LeakyRelu", ["inner"], ["right"]);
        leaky.Attribute.Add(new AttributeProto { Name = "alpha", RefAttrName = "slope", Type = AttributeType.Float });
        otherwise.Node.Add(leaky);
        otherwise.Output.Add(new ValueInfoProto { Name = "right" });
        branch.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = then });
        branch.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeType.Graph, G = otherwise });
        choose.Node.Add(branch);
        model.Functions.Add(choose);

        calls[1].Input.Add("shift");
        if (plain)
        {
            // Without what ONNX Runtime does not load: an output that is an argument, and one left out.
            choose.Output.RemoveAt(1);
            calls[0].Output.RemoveAt(1);
            calls[1].Output.RemoveAt(1);
            calls[1].Input[0] = "x";
        }

        return model;
    }

    /// <summary>Functions of which each calls the one before twice.</summary>
    public static ModelProto Doubling(int depth)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 6);
        graph.Output("z", null, 6);
        var model = graph.ToModel(15);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        model.Graph.Node.Add(Node($"f{depth}", ["x"], ["z"], Domain));
        for (var i = 0; i <= depth; i++)
        {
            var function = Function($"f{i}", ["a"], ["o"], 15);
            function.Node.Add(i == 0 ? Node("Relu", ["a"], ["o"]) : Node($"f{i - 1}", ["a"], ["m"], Domain));
            if (i > 0)
            {
                function.Node.Add(Node($"f{i - 1}", ["m"], ["o"], Domain));
            }

            model.Functions.Add(function);
        }

        return model;
    }

    public static FunctionProto Function(string name, string[] inputs, string[] outputs, long opset)
    {
        var function = new FunctionProto { Name = name, Domain = Domain };
        function.Input.Add(inputs);
        function.Output.Add(outputs);
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        return function;
    }

    public static NodeProto Node(string type, string[] inputs, string[] outputs, string domain = "")
    {
        var node = new NodeProto { OpType = type, Domain = domain, Name = $"{type}_{outputs[0]}" };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        return node;
    }

    private static FunctionProto Linear(long opset)
    {
        var linear = Function("Linear", ["x", "w", "b"], ["y"], opset);
        var gemm = Node("Gemm", ["x", "w", "b"], ["y"]);
        gemm.Attribute.Add(new AttributeProto { Name = "transB", Type = AttributeType.Int, I = 1 });
        linear.Node.Add(gemm);
        return linear;
    }

    private static void Stored(GraphBuilder graph, string name, params long[] shape)
    {
        var random = new Random(name.Sum(letter => letter));
        var count = shape.Aggregate(1L, (product, side) => product * side);
        graph.Initializer(name, Enumerable.Range(0, (int)count).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray(), shape);
    }
}
