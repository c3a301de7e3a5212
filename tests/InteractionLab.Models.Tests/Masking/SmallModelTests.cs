using InteractionLab.Interactions;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>Masked models of graphs small enough to be computed by hand.</summary>
public sealed class SmallModelTests
{
    private static readonly MaskedModelOptions LogOdds = new(ValueKind.LogOdds, Device: DeviceKind.Cpu);
    private static readonly PlayerLayout Two = new(2, [0, 1]);

    [Fact]
    public void The_logit_of_a_linear_model_is_its_formula()
    {
        // z_0 = 2a + 3b; absent cells are -1 and 10.
        using var masked = MaskedModel.Build(Linear([2, 0, 3, 0]), [2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu));
        var values = new double[5];
        masked.Evaluate([5, 7], [-1, 10], Two, 0, [0b11, 0b00, 0b01, 0b10, 0b11], values);
        Assert.Equal([31, 28, 40, 19, 31], values);
    }

    [Fact]
    public void Cells_of_no_player_keep_their_value_or_take_the_baseline()
    {
        using var masked = MaskedModel.Build(Linear([2, 0, 3, 0]), [2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu));
        var values = new double[1];
        masked.Evaluate([5, 7], [-1, 10], new PlayerLayout(0, [PlayerLayout.Keep, PlayerLayout.Absent]), 0, [0], values);
        Assert.Equal([40], values);
    }

    [Theory]
    [InlineData(1e4f, -1e4f, 2e4)]
    [InlineData(-1e4f, 1e4f, -2e4)]
    [InlineData(1e4f, 1e4f, 0)]
    [InlineData(3e38f, 0, 3e38)]
    public void Extreme_logits_stay_finite_and_exact(float first, float second, double expected)
    {
        // With two classes the log-odds are the difference of the logits.
        using var masked = MaskedModel.Build(Linear([1, 0, 0, 1]), [2], LogOdds);
        using var probability = MaskedModel.Build(Linear([1, 0, 0, 1]), [2], LogOdds with { Value = ValueKind.Probability });
        var values = new double[1];
        masked.Evaluate([first, second], [0, 0], Two, 0, [0b11], values);
        Assert.Equal(expected, values[0], Math.Abs(expected) * 1e-6);
        probability.Evaluate([first, second], [0, 0], Two, 0, [0b11], values);
        Assert.Equal(expected > 0 ? 1 : expected < 0 ? 0 : 0.5, values[0], 1e-6);
    }

    [Fact]
    public void Masks_may_be_wider_than_a_word()
    {
        // z_0 = Σ i·x_i over 100 players; batches of 7 so that the last one is short.
        var graph = new GraphBuilder();
        graph.Input("x", null, 100);
        graph.Output("z", null, 2);
        graph.Initializer("w", Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? i / 2f : 0).ToArray(), 100, 2);
        graph.Node("MatMul", ["x", "w"], "z");
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [100], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 7));
        var (masks, random, expected) = (new MaskList(100), new PortableRandom(1), new List<double>());
        for (var k = 0; k < 25; k++)
        {
            ulong[] mask = [random.Next(), random.Next() >> 28];
            Assert.Equal(k, masks.Place(mask));
            expected.Add(Enumerable.Range(0, 100).Sum(i => ((mask[i / 64] >> (i % 64)) & 1) == 1 ? i : 0.5 * i));
        }

        var values = new double[25];
        var layout = new PlayerLayout(100, [.. Enumerable.Range(0, 100)]);
        masked.Evaluate(Enumerable.Repeat(1f, 100).ToArray(), Enumerable.Repeat(0.5f, 100).ToArray(), layout, 0, masks, values);
        Assert.Equal(expected, values);
        Assert.Throws<ArgumentException>("masks", () => masked.Evaluate(new float[100], new float[100], Two, 0, masks, values));
    }

    [Fact]
    public void All_32_bits_of_a_mask_are_players()
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 32);
        graph.Output("z", null, 2);
        graph.Initializer("w", Enumerable.Range(0, 64).Select(i => i % 2 == 0 ? (float)(1 << (i / 2 % 20)) : 0).ToArray(), 32, 2);
        graph.Node("MatMul", ["x", "w"], "z");
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [32], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu));
        var values = new double[2];
        masked.Evaluate(Enumerable.Repeat(1f, 32).ToArray(), new float[32], new PlayerLayout(32, [.. Enumerable.Range(0, 32)]), 0, [1u << 31, uint.MaxValue], values);
        Assert.Equal([1 << 11, (1 << 20) - 1 + (1 << 12) - 1], values);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(20)]
    public void Every_operator_set_gives_the_same_values(long opset)
    {
        foreach (var kind in Enum.GetValues<ValueKind>())
        {
            var onnx = LinearGraph([1, -1, 0.5f, 2]).ToBytes(opset);
            using var masked = MaskedModel.Build(OnnxModel.Load(onnx), [2], LogOdds with { Value = kind });
            var values = new double[4];
            masked.Evaluate([3, 4], [0.5f, -0.25f], Two, 1, [0, 1, 2, 3], values);
            var expected = Truth.Values(onnx, [2], [3, 4], [0.5f, -0.25f], Two, 1, kind, [0, 1, 2, 3]);
            Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Theory]
    [InlineData((int)DataType.Double)]
    [InlineData((int)DataType.Float16)]
    public void Other_precisions_are_cast_at_both_ends(int type)
    {
        var graph = new GraphBuilder();
        graph.Input("x", (DataType)type, [null, 2]);
        graph.Output("z", (DataType)type, [null, 2]);
        graph.Node("Neg", ["x"], "z");
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [2], LogOdds);
        var values = new double[2];
        masked.Evaluate([2, 5], [1, 1], Two, 0, [3, 1], values);
        Assert.Equal([3, -1], values);
        Assert.Equal([-2f, -5], masked.Logits([2, 5]));
    }

    [Theory]
    [InlineData(1, "batch dimension was freed", 8)]
    [InlineData(4, "batch dimension was freed", 8)]
    public void A_fixed_batch_is_relaxed_where_rows_are_independent(int batch, string note, int rows)
    {
        var graph = LinearGraph([2, 0, 3, 0], batch, ["reshape"]);
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 8));
        Assert.Equal(rows, masked.BatchSize);
        Assert.Contains(note, Assert.Single(masked.Notes), StringComparison.Ordinal);
        Check(masked);
    }

    [Theory]
    [InlineData(1, "mean over batch", "one row at a time")]
    [InlineData(1, "drawn to the mean", "one row at a time")]
    [InlineData(4, "chosen rows", "4 rows at a time")]
    public void A_fixed_batch_stays_where_relaxing_would_mix_rows(int batch, string oddity, string note)
    {
        // The mean over a batch of one is that row, and another function for more rows.
        var graph = LinearGraph([2, 0, 3, 0], batch, [oddity]);
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 8));
        Assert.Equal(batch, masked.BatchSize);
        Assert.Contains(note, Assert.Single(masked.Notes), StringComparison.Ordinal);
        Check(masked);
    }

    [Fact]
    public void A_declared_batch_that_mixes_rows_is_run_row_by_row()
    {
        var graph = LinearGraph([2, 0, 3, 0], null, ["centre"]);
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 8));
        Assert.Equal(1, masked.BatchSize);
        Assert.Contains("one row at a time", Assert.Single(masked.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_outputs_the_first_table_is_taken_and_named()
    {
        var graph = LinearGraph([2, 0, 3, 0]);
        var model = graph.ToModel();
        model.Graph.Output.Insert(0, GraphBuilder.ValueInfo("flat", DataType.Float, [null]));
        graph.Initializer("minus", [-1L], 1);
        graph.Node("Reshape", ["z", "minus"], "flat");
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu));
        Assert.Contains("'z' is taken", Assert.Single(masked.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_masked_is_refused_with_its_reason()
    {
        var model = Linear([1, 0, 0, 1]);
        Refused(model, [3], LogOdds, "a sample has shape [3]");
        Refused(model, [2], LogOdds with { Cut = "z" }, "'z' is the output itself");
        Refused(OnnxModel.Load(LinearGraph([1, 0, 0, 1]).ToBytes(6)), [2], LogOdds, "operator set 6");
        var integers = new GraphBuilder();
        integers.Input("x", DataType.Int64, [null, 2]);
        integers.Output("z", DataType.Int64, [null, 2]);
        integers.Node("Neg", ["x"], "z");
        Refused(OnnxModel.Load(integers.ToBytes()), [2], LogOdds, "an output of logits");
        var flags = new GraphBuilder();
        flags.Input("x", DataType.Bool, [null, 2]);
        flags.Output("z", null, 2);
        flags.Node("Cast", ["x"], "z", ("to", (int)DataType.Float));
        Refused(OnnxModel.Load(flags.ToBytes()), [2], LogOdds, "floating-point input");
        var single = new GraphBuilder();
        single.Input("x", null, 1);
        single.Output("z", null, 1);
        single.Node("Neg", ["x"], "z");
        Refused(OnnxModel.Load(single.ToBytes()), [1], LogOdds, "use 'logit'");
    }

    [Fact]
    public void Cuda_without_a_gpu_is_an_error_and_auto_says_that_it_fell_back()
    {
        Assert.SkipWhen(InteractionLab.Models.Execution.OnnxRuntimeInfo.Read().Devices.Any(device => device.Kind == DeviceKind.Cuda), "This machine has a GPU.");
        var model = Linear([1, 0, 0, 1]);
        Refused(model, [2], LogOdds with { Device = DeviceKind.Cuda }, "'cuda' is not available");
        using var masked = MaskedModel.Build(model, [2], LogOdds with { Device = DeviceKind.Auto });
        Assert.StartsWith("Ran on the CPU", Assert.Single(masked.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void The_runtime_is_described()
    {
        var info = InteractionLab.Models.Execution.OnnxRuntimeInfo.Read();
        Assert.StartsWith("1.", info.Version, StringComparison.Ordinal);
        Assert.Equal(DeviceKind.Cpu, info.Devices[0].Kind);
        Assert.True(info.Devices[0].MemoryBytes > 0);
    }

    [Fact]
    public void Cancelling_stops_between_runs_and_progress_ends_at_one()
    {
        using var masked = MaskedModel.Build(Linear([1, 0, 0, 1]), [2], LogOdds with { Batch = 2, Threads = 1 });
        using var source = new CancellationTokenSource();
        var values = new double[10];
        var masks = new uint[10];
        var last = 0.0;
        masked.Evaluate([1, 2], [0, 0], Two, 0, masks, values, new Immediate(share => last = share), source.Token);
        Assert.Equal(1, last);
        Assert.Throws<OperationCanceledException>(() => masked.Evaluate([1, 2], [0, 0], Two, 0, masks, values, new Immediate(share =>
        {
            last = share;
            source.Cancel();
        }), source.Token));
        Assert.Equal(0.2, last, 1e-12);
    }

    [Fact]
    public void Arguments_out_of_range_are_named()
    {
        using var masked = MaskedModel.Build(Linear([1, 0, 0, 1]), [2], LogOdds);
        Assert.Throws<ArgumentOutOfRangeException>("target", () => masked.Evaluate([1, 2], [0, 0], Two, 2, [0], new double[1]));
        Assert.Throws<ArgumentException>("sample", () => masked.Evaluate([1], [0, 0], Two, 0, [0], new double[1]));
        Assert.Throws<ArgumentException>("baseline", () => masked.Evaluate([1, 2], [0], Two, 0, [0], new double[1]));
        Assert.Throws<ArgumentException>("layout", () => masked.Evaluate([1, 2], [0, 0], new PlayerLayout(1, [0, 1]), 0, [0], new double[1]));
        Assert.Throws<ArgumentException>("values", () => masked.Evaluate([1, 2], [0, 0], Two, 0, [0], new double[2]));
    }

    private static void Check(MaskedModel masked)
    {
        var values = new double[11];
        masked.Evaluate([5, 7], [-1, 10], Two, 0, [3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1], values);
        Assert.Equal([31, 28, 40, 19, 31, 28, 40, 19, 31, 28, 40], values);
        Assert.Equal(31, masked.Logits([5, 7])[0]);
    }

    private static void Refused(OnnxModel model, int[] shape, MaskedModelOptions options, string reason) =>
        Assert.Contains(reason, Assert.Throws<ModelRejectedException>(() => MaskedModel.Build(model, shape, options).Dispose()).Message, StringComparison.Ordinal);

    private static OnnxModel Linear(float[] weights) => OnnxModel.Load(LinearGraph(weights).ToBytes());

    /// <summary>z = x W, W [2, 2] row-major, with an oddity of the batch dimension on the way.</summary>
    private static GraphBuilder LinearGraph(float[] weights, long? batch = null, params string[] oddity)
    {
        var graph = new GraphBuilder();
        graph.Input("x", batch, 2);
        graph.Output("z", batch, 2);
        graph.Initializer("w", weights, 2, 2);
        var x = "x";
        switch (oddity.FirstOrDefault())
        {
            case "reshape":
                graph.Initializer("s", [batch ?? 1, 2], 2);
                x = graph.Node("Reshape", ["x", "s"], "r");
                break;
            case "mean over batch":
                x = graph.Node("ReduceMean", ["x"], "r", ("axes", new long[] { 0 }), ("keepdims", 1));
                break;
            case "chosen rows":
                // Rows by number: another number of rows is cut off or missing.
                graph.Initializer("numbers", [0L, 1, 2, 3], 4);
                x = graph.Node("Gather", ["x", "numbers"], "r", ("axis", 0));
                break;
            case "table of rows":
                // A table with a line for each row of the batch: fits no other number of rows.
                graph.Initializer("zeros", new float[8], 4, 2);
                x = graph.Node("Add", ["x", "zeros"], "r");
                break;
            case "drawn to the mean":
                // As many rows as before, each moved towards the others: only the values show it.
                graph.Node("ReduceMean", ["x"], "m", ("axes", new long[] { 0 }), ("keepdims", 1));
                graph.Node("Sub", ["x", "m"], "d");
                x = graph.Node("Add", ["x", "d"], "r");
                break;
            case "centre":
                graph.Node("ReduceMean", ["x"], "m", ("axes", new long[] { 0 }), ("keepdims", 1));
                x = graph.Node("Sub", ["x", "m"], "r");
                break;
            default:
                break;
        }

        graph.Node("MatMul", [x, "w"], "z");
        return graph;
    }

    private sealed class Immediate(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
