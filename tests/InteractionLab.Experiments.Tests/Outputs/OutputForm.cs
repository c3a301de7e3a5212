using static InteractionLab.Experiments.Tests.Common.OnnxWriter;

namespace InteractionLab.Experiments.Tests.Outputs;

/// <summary>What stands behind the linear network of a form.</summary>
internal enum Behind
{
    Logits,
    Sides,
    Softmax,
    SoftmaxOfSides,
    LogSoftmax,
    Unit,
    Sigmoid,
    Flat,
    Pair,
    Clipped,
    WrittenOut,
    Mean,
    Features,
    Several,
    Linear,
    LinearMaps,
    Trees,
    TreesMaps,
    Sigmoids,
}

/// <summary>A way in which a model gives the scores of its classes, and what the scores are, computed here in double.</summary>
/// <param name="Title">As the table names it.</param>
/// <param name="Behind">What the graph ends in.</param>
/// <param name="Extra">Fields that the spec needs with it, as JSON without braces.</param>
internal sealed record OutputForm(string Title, Behind Behind, string Extra = "")
{
    /// <summary>Columns of a row.</summary>
    public const int Cells = 4;

    // Of an ensemble's trees: the column looked at, the limit, and the shares of the three classes at or below it and above.
    private static readonly (int Column, float Limit, float[] Low, float[] High)[] Stumps =
    [
        (0, 0.2f, [0.3f, 0.15f, 0.05f], [0.05f, 0.15f, 0.3f]),
        (2, -0.4f, [0.1f, 0.25f, 0.15f], [0.25f, 0.05f, 0.2f]),
    ];

    /// <summary>The forms of the table.</summary>
    public static IReadOnlyList<OutputForm> All { get; } =
    [
        new("logits [b, C]", Behind.Logits),
        new("one unit: logit [b, 1]", Behind.Unit),
        new("logits [b, C, 1, 1]", Behind.Sides),
        new("Softmax [b, C]", Behind.Softmax),
        new("Softmax [b, C, 1, 1]", Behind.SoftmaxOfSides),
        new("softmax written out (Exp, ReduceSum, Div)", Behind.WrittenOut),
        new("Clip of a Softmax", Behind.Clipped),
        new("mean of two Softmaxes", Behind.Mean),
        new("LogSoftmax [b, C]", Behind.LogSoftmax),
        new("one unit: Sigmoid [b, 1]", Behind.Sigmoid),
        new("one unit: Sigmoid [b]", Behind.Flat),
        new("[1 - p, p] of a Sigmoid", Behind.Pair),
        new("a Sigmoid for each of C classes", Behind.Sigmoids),
        new("the same, `outputAs: \"probabilities\"`", Behind.Sigmoids, "\"outputAs\": \"probabilities\""),
        new("LinearClassifier: label, probabilities", Behind.Linear),
        new("LinearClassifier with ZipMap", Behind.LinearMaps),
        new("TreeEnsembleClassifier: label, probabilities", Behind.Trees),
        new("TreeEnsembleClassifier with ZipMap", Behind.TreesMaps),
        new("two outputs: features [b, 5], logits [b, C]", Behind.Features),
        new("two outputs [b, C], `output` names the second", Behind.Several, "\"output\": \"second\""),
    ];

    /// <summary>Classes.</summary>
    public int Classes => Behind is Behind.Unit or Behind.Sigmoid or Behind.Flat or Behind.Pair ? 2 : 3;

    /// <summary>Whether the graph is made of operators of ai.onnx.ml.</summary>
    private bool IsOfClassifiers => Behind is Behind.Linear or Behind.LinearMaps or Behind.Trees or Behind.TreesMaps;

    /// <summary>Whether one number stands for two classes.</summary>
    public bool IsOneUnit => Classes == 2;

    /// <summary>Numbers that the linear network gives.</summary>
    public int Units => IsOneUnit ? 1 : 3;

    /// <summary>Weights of the linear network, by cell and unit; the values of the file.</summary>
    public double[,] Weights { get; } = Fill((i, k) => (float)(1.3 * Math.Sin((i * 1.7) + (k * 2.3) + 0.4)));

    /// <summary>Its biases.</summary>
    public double[] Biases { get; } = [.. Enumerable.Range(0, 3).Select(k => (double)(float)(0.4 * Math.Cos(k + 0.3)))];

    /// <summary>The file, for samples of a shape with <see cref="Cells"/> cells.</summary>
    public byte[] Onnx(int[] shape)
    {
        var flat = shape.Length == 1 ? "x" : "flat";
        List<byte[]> nodes = shape.Length == 1 ? [] : [Node("Flatten", ["x"], "flat")];
        List<byte[]> stored = [Tensor("w", [Cells, Units], i => (float)Weights[i / Units, i % Units]), Tensor("b", [Units], k => (float)Biases[k])];
        List<byte[]> outputs = [];
        if (IsOfClassifiers)
        {
            stored.Clear();
            Classifier(flat, nodes, outputs);
        }
        else
        {
            nodes.Add(Node("MatMul", [flat, "w"], "product"));
            nodes.Add(Node("Add", ["product", "b"], "z"));
            End(nodes, stored, outputs);
        }

        var graph = Message(
            [.. nodes.Select(node => Field(1, node)), Field(2, Text("form")), .. stored.Select(tensor => Field(5, tensor)), Field(11, ValueInfo("x", 1, [null, .. shape])), .. outputs.Select(output => Field(12, output))]);
        return Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13))), Field(8, Message(Field(1, Text("ai.onnx.ml")), Varint(2, 2))));
    }

    /// <summary>The logits of a sample, or what differs from them by the same number for all classes.</summary>
    public double[] Logits(double[] x) => Logits(x, Weights, Biases);

    /// <summary>The same with other weights.</summary>
    public double[] Logits(double[] x, double[,] weights, double[] biases)
    {
        if (Behind is Behind.Trees or Behind.TreesMaps)
        {
            var shares = new double[3];
            foreach (var (column, limit, low, high) in Stumps)
            {
                for (var k = 0; k < 3; k++)
                {
                    shares[k] += ((float)x[column] <= limit ? low : high)[k];
                }
            }

            return [.. shares.Select(one => Math.Log(one))];
        }

        var z = Enumerable.Range(0, Units).Select(k => biases[k] + Enumerable.Range(0, Cells).Sum(i => x[i] * weights[i, k])).ToArray();
        return Behind switch
        {
            Behind.Sigmoids => [.. z.Select(one => -Math.Log(1 + Math.Exp(-one)))],
            Behind.Mean => [.. Softmax(z).Zip(Softmax([.. z.Select(one => 2 * one)])).Select(pair => Math.Log((pair.First + pair.Second) / 2))],
            _ => Units == 1 ? [0, z[0]] : z,
        };
    }

    /// <summary>Probabilities.</summary>
    public static double[] Softmax(double[] logits)
    {
        var most = logits.Max();
        var exponentials = logits.Select(logit => Math.Exp(logit - most)).ToArray();
        return [.. exponentials.Select(e => e / exponentials.Sum())];
    }

    private void End(List<byte[]> nodes, List<byte[]> stored, List<byte[]> outputs)
    {
        int?[] table = [null, Units];
        void Out(string name, params int?[] shape) => outputs.Add(ValueInfo(name, 1, shape));
        switch (Behind)
        {
            case Behind.Logits or Behind.Unit:
                Out("z", table);
                break;
            case Behind.Sides or Behind.SoftmaxOfSides:
                stored.Add(Whole("sides", 2, 3));
                nodes.Add(Node("Unsqueeze", ["z", "sides"], "map"));
                if (Behind == Behind.SoftmaxOfSides)
                {
                    nodes.Add(Node("Softmax", ["map"], "p", Integer("axis", 1)));
                }

                Out(Behind == Behind.Sides ? "map" : "p", null, 3, 1, 1);
                break;
            case Behind.Softmax:
                nodes.Add(Node("Softmax", ["z"], "p"));
                nodes.Add(Node("Identity", ["p"], "result"));
                Out("result", table);
                break;
            case Behind.Clipped:
                stored.AddRange([Message(Varint(2, 1), Field(8, Text("low")), Field(9, BitConverter.GetBytes(1e-7f))), Message(Varint(2, 1), Field(8, Text("high")), Field(9, BitConverter.GetBytes(1f)))]);
                nodes.Add(Node("Softmax", ["z"], "p"));
                nodes.Add(Node("Clip", ["p", "low", "high"], "clipped"));
                Out("clipped", table);
                break;
            case Behind.WrittenOut:
                stored.Add(Whole("axes", 1));
                nodes.AddRange([Node("Exp", ["z"], "e"), Node("ReduceSum", ["e", "axes"], "sum"), Node("Div", ["e", "sum"], "p")]);
                Out("p", table);
                break;
            case Behind.Mean:
                stored.Add(Tensor("two", [], _ => 2));
                nodes.AddRange([Node("Mul", ["z", "two"], "doubled"), Node("Softmax", ["z"], "p1"), Node("Softmax", ["doubled"], "p2"), Node("Add", ["p1", "p2"], "both"), Node("Div", ["both", "two"], "p")]);
                Out("p", table);
                break;
            case Behind.LogSoftmax:
                nodes.Add(Node("LogSoftmax", ["z"], "p"));
                Out("p", table);
                break;
            case Behind.Sigmoid or Behind.Sigmoids:
                nodes.Add(Node("Sigmoid", ["z"], "p"));
                Out("p", table);
                break;
            case Behind.Flat:
                stored.Add(Whole("axes", 1));
                nodes.AddRange([Node("Sigmoid", ["z"], "p"), Node("Squeeze", ["p", "axes"], "flat_p")]);
                Out("flat_p", [null]);
                break;
            case Behind.Pair:
                stored.Add(Tensor("one", [], _ => 1));
                nodes.AddRange([Node("Sigmoid", ["z"], "p"), Node("Sub", ["one", "p"], "q"), Node("Concat", ["q", "p"], "pair", Integer("axis", 1))]);
                Out("pair", null, 2);
                break;
            case Behind.Features:
                stored.Add(Tensor("v", [Cells, 5], i => i));
                nodes.Add(Node("MatMul", [nodes.Count > 2 ? "flat" : "x", "v"], "features"));
                Out("features", null, 5);
                Out("z", table);
                break;
            default:
                nodes.AddRange([Node("Neg", ["z"], "first"), Node("Identity", ["z"], "second")]);
                Out("first", table);
                Out("second", table);
                break;
        }
    }

    private void Classifier(string cells, List<byte[]> nodes, List<byte[]> outputs)
    {
        const string Domain = "ai.onnx.ml";
        var maps = Behind is Behind.LinearMaps or Behind.TreesMaps;
        var name = maps ? "table" : "probabilities";
        byte[] labels = Integers("classlabels_int64s", 0, 1, 2), own = Integers("classlabels_ints", 0, 1, 2);
        nodes.Add(Behind is Behind.Linear or Behind.LinearMaps
            ? Node("LinearClassifier", Domain, [cells], ["label", name], own, Word("post_transform", "SOFTMAX"),
                Reals("coefficients", [.. Enumerable.Range(0, 3).SelectMany(k => Enumerable.Range(0, Cells).Select(i => (float)Weights[i, k]))]), Reals("intercepts", [.. Biases.Select(bias => (float)bias)]))
            : Node("TreeEnsembleClassifier", Domain, [cells], ["label", name], [labels, Word("post_transform", "NONE"), .. Trees()]));
        if (maps)
        {
            nodes.Add(Node("ZipMap", Domain, [name], ["probabilities"], labels));
        }

        outputs.Add(ValueInfo("label", 7, [null]));
        outputs.Add(maps ? Maps("probabilities") : ValueInfo("probabilities", 1, [null, 3]));
    }

    // A tree is a branch (0) and two leaves (1, 2).
    private static byte[][] Trees()
    {
        long[] Of(Func<int, long> value) => [.. Enumerable.Range(0, Stumps.Length * 3).Select(value)];
        return
        [
            Integers("nodes_treeids", Of(n => n / 3)), Integers("nodes_nodeids", Of(n => n % 3)),
            Integers("nodes_featureids", Of(n => n % 3 == 0 ? Stumps[n / 3].Column : 0)), Reals("nodes_values", [.. Of(n => n).Select(n => n % 3 == 0 ? Stumps[n / 3].Limit : 0)]),
            Words("nodes_modes", [.. Of(n => n).Select(n => n % 3 == 0 ? "BRANCH_LEQ" : "LEAF")]),
            Integers("nodes_truenodeids", Of(n => n % 3 == 0 ? 1 : 0)), Integers("nodes_falsenodeids", Of(n => n % 3 == 0 ? 2 : 0)),
            Integers("class_treeids", [.. Enumerable.Range(0, Stumps.Length * 6).Select(c => (long)(c / 6))]), Integers("class_nodeids", [.. Enumerable.Range(0, Stumps.Length * 6).Select(c => (long)(1 + (c / 3 % 2)))]),
            Integers("class_ids", [.. Enumerable.Range(0, Stumps.Length * 6).Select(c => (long)(c % 3))]),
            Reals("class_weights", [.. Stumps.SelectMany(stump => stump.Low.Concat(stump.High))]),
        ];
    }

    private static double[,] Fill(Func<int, int, float> value)
    {
        var table = new double[Cells, 3];
        for (var i = 0; i < Cells; i++)
        {
            for (var k = 0; k < 3; k++)
            {
                table[i, k] = value(i, k);
            }
        }

        return table;
    }
}
