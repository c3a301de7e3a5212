using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Tests.Torch;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>
/// Graphs that hold the batch they were traced with in shapes and stored tensors. The right values are computed here in
/// double, one sample at a time, from the weights.
/// </summary>
public sealed class BakedBatchTests
{
    private const int Steps = 4;
    private const int Width = 3;
    private const int Hidden = 8;
    private const int Cells = Steps * Width;
    private static readonly float[] Embed = Weights(Width * Hidden, 1);
    private static readonly float[] Out = Weights(Hidden * 3, 2);
    private static readonly float[] Token = Weights(Hidden, 3);
    private static readonly float[] Sample = Weights(Cells, 4);

    public static TheoryData<bool, int, bool, NetworkExecutor> Attentions
    {
        get
        {
            var data = new TheoryData<bool, int, bool, NetworkExecutor>();
            foreach (var executor in new[] { NetworkExecutor.OnnxRuntime, NetworkExecutor.Torch })
            {
                foreach (var batch in new[] { 1, 2, 3, 7 })
                {
                    foreach (var first in new[] { true, false })
                    {
                        data.Add(first, batch, true, executor);
                        data.Add(first, batch, false, executor);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Attentions))]
    public void Attention_traced_with_a_few_rows_takes_any(bool batchFirst, int traced, bool declaredOpen, NetworkExecutor executor)
    {
        Require(executor);
        using var masked = MaskedModel.Build(OnnxModel.Load(Attention(batchFirst, traced, declaredOpen)), [Steps, Width], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Executor: executor, Batch: 16));
        Check(masked, x => Attended(x));
        if (traced > 1 || batchFirst)
        {
            Assert.Contains(masked.Notes, note => note.Contains($"written for a batch of {traced}; its batch dimension was freed", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public void A_token_that_was_stored_for_each_row_is_one_for_any(int traced, bool declaredOpen)
    {
        var graph = new GraphBuilder();
        long? batch = declaredOpen ? null : traced;
        graph.Input("x", batch, Steps, Width);
        graph.Output("z", batch, 3);
        Stored(graph);
        graph.Initializer("tokens", [.. Enumerable.Repeat(Token, traced).SelectMany(token => token)], traced, 1, Hidden);
        graph.Node("MatMul", ["x", "embed"], "h");
        graph.Node("Concat", ["tokens", "h"], "all", ("axis", 1));
        graph.Node("Softmax", ["all"], "p", ("axis", 1));
        graph.Node("Mul", ["p", "all"], "weighed");
        graph.Node("ReduceMean", ["weighed"], "mean", ("axes", new long[] { 1 }), ("keepdims", 0));
        graph.Node("MatMul", ["mean", "out"], "z");
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [Steps, Width], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 16));
        Check(masked, x =>
        {
            double[][] rows = [[.. Token.Select(value => (double)value)], .. Embedded(x)];
            var mean = Enumerable.Range(0, Hidden).Select(k =>
            {
                var sum = rows.Sum(row => Math.Exp(row[k]));
                return rows.Sum(row => Math.Exp(row[k]) / sum * row[k]) / rows.Length;
            });
            return Product([.. mean], Out, 3);
        });
        Assert.Equal(16, masked.BatchSize);
    }

    [Fact]
    public void Rows_that_depend_on_each_other_in_a_fixed_batch_are_refused()
    {
        var graph = new GraphBuilder();
        graph.Input("x", 4, Cells);
        graph.Output("z", 4, Cells);
        graph.Node("ReduceMean", ["x"], "mean", ("axes", new long[] { 0 }), ("keepdims", 1));
        graph.Node("Sub", ["x", "mean"], "z");
        var fault = Assert.Throws<ModelRejectedException>(() => MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [Cells], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu)));
        Assert.Contains("written for a batch of 4", fault.Message, StringComparison.Ordinal);
        Assert.Contains("depends on the other samples", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_treats_rows_differently_is_refused_and_one_that_does_not_is_freed()
    {
        byte[] Added(params float[] ofRows)
        {
            var graph = new GraphBuilder();
            graph.Input("x", ofRows.Length, Cells);
            graph.Output("z", ofRows.Length, Cells);
            graph.Initializer("rows", ofRows.SelectMany(row => Enumerable.Repeat(row, Cells)).ToArray(), ofRows.Length, Cells);
            graph.Node("Add", ["x", "rows"], "z");
            return graph.ToBytes();
        }

        var options = new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 16);
        var fault = Assert.Throws<ModelRejectedException>(() => MaskedModel.Build(OnnxModel.Load(Added(1, 1, 2)), [Cells], options));
        Assert.Contains("on its place among them", fault.Message, StringComparison.Ordinal);
        using var masked = MaskedModel.Build(OnnxModel.Load(Added(2, 2, 2)), [Cells], options);
        Assert.Equal(16, masked.BatchSize);
        Check(masked, x => [.. x.Select(value => value + 2)]);
    }

    [Fact]
    public void A_shape_that_suits_no_batch_is_refused_in_words()
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, Cells);
        graph.Output("z", null, Cells);
        graph.Initializer("shape", [5L, 7], 2);
        graph.Node("Reshape", ["x", "shape"], "r");
        graph.Node("ReduceSum", ["r"], "s", ("keepdims", 0));
        graph.Node("Add", ["x", "s"], "z");
        var fault = Assert.Throws<ModelRejectedException>(() => MaskedModel.Build(OnnxModel.Load(graph.ToBytes(11)), [Cells], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu)));
        Assert.Contains("neither with one row nor with the sizes that its constants suggest (5, 7)", fault.Message, StringComparison.Ordinal);
    }

    private static void Check(MaskedModel masked, Func<double[], double[]> expected)
    {
        var values = new double[1 << 6];
        masked.Evaluate(Sample, new float[Cells], new PlayerLayout(6, [.. Enumerable.Range(0, Cells).Select(cell => cell / 2)]), 1, [.. Enumerable.Range(0, values.Length).Select(mask => (uint)mask)], values);
        for (var mask = 0; mask < values.Length; mask++)
        {
            var present = mask;
            Assert.Equal(expected([.. Sample.Select((x, cell) => (present >> (cell / 2) & 1) == 1 ? x : 0.0)])[1], values[mask], 1e-5);
        }
    }

    /// <summary>Two heads of self-attention on h = x·E without projections of their own, a mean over steps, three logits.</summary>
    private static double[] Attended(double[] x)
    {
        var h = Embedded(x);
        var mean = new double[Hidden];
        for (var head = 0; head < 2; head++)
        {
            for (var step = 0; step < Steps; step++)
            {
                double Score(int other) => Enumerable.Range(head * 4, 4).Sum(k => h[step][k] * h[other][k]);
                var sum = Enumerable.Range(0, Steps).Sum(other => Math.Exp(Score(other)));
                for (var k = head * 4; k < (head * 4) + 4; k++)
                {
                    mean[k] += Enumerable.Range(0, Steps).Sum(other => Math.Exp(Score(other)) / sum * h[other][k]) / Steps;
                }
            }
        }

        return Product(mean, Out, 3);
    }

    private static double[][] Embedded(double[] x) => [.. Enumerable.Range(0, Steps).Select(step => Product(x[(step * Width)..((step + 1) * Width)], Embed, Hidden))];

    private static double[] Product(double[] row, float[] matrix, int columns) =>
        [.. Enumerable.Range(0, columns).Select(column => row.Select((value, k) => value * matrix[(k * columns) + column]).Sum())];

    private static byte[] Attention(bool batchFirst, int traced, bool declaredOpen)
    {
        var graph = new GraphBuilder();
        long? batch = declaredOpen ? null : traced;
        graph.Input("x", batch, Steps, Width);
        graph.Output("z", batch, 3);
        Stored(graph);
        var x = batchFirst ? "x" : graph.Node("Transpose", ["x"], "turned", ("perm", new long[] { 1, 0, 2 }));
        graph.Node("MatMul", [x, "embed"], "h");
        graph.Initializer("heads", batchFirst ? new long[] { traced, Steps, 2, 4 } : [Steps, traced * 2, 4], batchFirst ? 4 : 3);
        graph.Initializer("joined", batchFirst ? new long[] { traced, Steps, Hidden } : [Steps, traced, Hidden], 3);
        graph.Node("Reshape", ["h", "heads"], "split");
        var (there, turned) = batchFirst ? (new long[] { 0, 2, 1, 3 }, new long[] { 0, 1, 3, 2 }) : ([1, 0, 2], [0, 2, 1]);
        graph.Node("Transpose", ["split"], "q", ("perm", there));
        graph.Node("Transpose", ["q"], "k", ("perm", turned));
        graph.Node("MatMul", ["q", "k"], "scores");
        graph.Node("Softmax", ["scores"], "weights", ("axis", -1));
        graph.Node("MatMul", ["weights", "q"], "attended");
        graph.Node("Transpose", ["attended"], "back", ("perm", there));
        graph.Node("Reshape", ["back", "joined"], "rows");
        graph.Node("ReduceMean", ["rows"], "mean", ("axes", new long[] { batchFirst ? 1 : 0 }), ("keepdims", 0));
        graph.Node("MatMul", ["mean", "out"], "z");
        return graph.ToBytes();
    }

    private static void Stored(GraphBuilder graph)
    {
        graph.Initializer("embed", Embed, Width, Hidden);
        graph.Initializer("out", Out, Hidden, 3);
    }

    private static float[] Weights(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    private static void Require(NetworkExecutor executor)
    {
        if (executor == NetworkExecutor.Torch)
        {
            TorchLibrary.Require();
        }
    }
}
