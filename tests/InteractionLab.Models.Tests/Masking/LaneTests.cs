using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>Runs side by side: the same values as one after another, whatever the number of lanes.</summary>
public sealed class LaneTests
{
    private static readonly PlayerLayout Ten = new(10, [.. Enumerable.Range(0, 10)]);

    [Theory]
    [InlineData(1024, 32, 2, 32)]
    [InlineData(1024, 1024, 2, 512)]
    [InlineData(1024, 48, 2, 47)]
    [InlineData(64, 32, 16, 4)]
    [InlineData(7, 32, 2, 4)]
    [InlineData(1, 32, 8, 1)]
    [InlineData(33, 32, 1, 17)]
    [InlineData(0, 32, 4, 1)]
    [InlineData(int.MaxValue, int.MaxValue, 64, 33554432)]
    public void Rows_are_shared_so_that_all_lanes_have_as_many_runs(int masks, int most, int lanes, int rows) => Assert.Equal(rows, MaskedRuns.RowsOf(masks, most, lanes));

    [Theory]
    [InlineData("cifar_resnet8_e12", new[] { 3, 32, 32 })]
    [InlineData("cifar_vit", new[] { 3, 32, 32 })]
    public void Lanes_do_not_change_a_bit_of_real_networks(string name, int[] shape)
    {
        const int Rows = 16;
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", name + ".onnx")));
        var random = new Random(3);
        float[] sample = [.. Enumerable.Range(0, 3072).Select(_ => (float)(random.NextDouble() - 0.5))];
        var layout = new PlayerLayout(8, [.. Enumerable.Range(0, 3072).Select(_ => random.Next(-2, 8))]);
        var masks = Enumerable.Range(0, 256).Select(mask => (uint)mask).ToArray();
        Assert.Equal(ValuesOf(1), ValuesOf(2));
        Assert.Equal(ValuesOf(1), ValuesOf(5)[..256]);

        double[] ValuesOf(int lanes)
        {
            using var masked = MaskedModel.Build(model, shape, new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu, Batch: Rows, Threads: lanes));
            Assert.Equal(Rows * lanes, masked.RowsAtOnce);

            // A multiple of rows and lanes, so that runs have as many rows on any number of lanes.
            uint[] padded = [.. masks, .. Enumerable.Repeat(0u, (Rows * lanes) - 1 - ((masks.Length - 1) % (Rows * lanes)))];
            var values = new double[padded.Length];
            masked.Evaluate(sample, new float[3072], layout, 3, padded, values);
            return values;
        }
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    public void Every_lane_writes_its_own_values_in_turns_and_side_by_side(int lanes, bool sideBySide)
    {
        // z_0 = Σ x_i. Taking turns, and binding again before each run, is what a GPU has.
        var network = NetworkGraph.Prepare(Sum(10), [10], []);
        var graph = MaskedGraph.Build(network, 2, ValueKind.Logit, MaskForm.Select);
        using var runs = new MaskedRuns(graph, NetworkSession.Open(graph.Model, DeviceKind.Cpu, 1), lanes, sideBySide, copies: !sideBySide);
        foreach (var (count, rows) in new[] { (1024, 8), (1000, 7), (5, 8), (1, 1), (1024, 1024), (64, 1) })
        {
            for (var factor = 1; factor <= 2; factor++)
            {
                float[] sample = [.. Enumerable.Range(0, 10).Select(i => (float)(factor << i))];
                var inputs = new MaskedInputs(sample, new float[10], LayoutIndex.Build(Ten, network.SampleShape), network.SampleShape, 10, 0);
                ulong[] masks = [.. Enumerable.Range(0, count).Select(k => (ulong)(k * 7 % 1024))];
                var values = new double[count];
                List<double> shares = [];
                runs.Evaluate(inputs, null, new MaskWords(masks, 1), rows, false, values, new Immediate(shares.Add), TestContext.Current.CancellationToken);
                Assert.Equal(masks.Select(mask => (double)(mask * (ulong)factor)), values);
                Assert.Equal(shares.Order(), shares);
                Assert.Equal(1, shares[^1]);
                Assert.Equal((count + rows - 1) / rows, shares.Count);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_run_that_fails_on_any_lane_is_an_error_and_the_next_sample_runs(int lanes)
    {
        // Logits are looked up: the row 9 of the table is not there.
        var graph = new GraphBuilder();
        graph.Input("x", null, 2);
        graph.Output("z", null, 2);
        graph.Initializer("table", [10.0f, 11, 12, 13], 4);
        graph.Node("Cast", ["x"], "rows", ("to", 7));
        graph.Node("Gather", ["table", "rows"], "z", ("axis", 0));
        using var masked = MaskedModel.Build(OnnxModel.Load(graph.ToBytes()), [2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 1, Threads: lanes));
        var (layout, masks, values) = (new PlayerLayout(2, [0, 1]), Enumerable.Range(0, 64).Select(k => (uint)(k == 40 ? 0 : 3)).ToArray(), new double[64]);
        var fault = Assert.Throws<ModelRejectedException>(() => masked.Evaluate([2, 3], [9, 9], layout, 0, masks, values));
        Assert.Contains("failed to run", fault.Message, StringComparison.Ordinal);
        masked.Evaluate([2, 3], [1, 1], layout, 0, masks, values);
        Assert.Equal(masks.Select(mask => mask == 0 ? 11.0 : 12), values);
    }

    [Fact]
    public void Cancelling_stops_every_lane()
    {
        using var masked = MaskedModel.Build(Sum(10), [10], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 1, Threads: 3));
        using var source = new CancellationTokenSource();
        var masks = Enumerable.Range(0, 1024).Select(mask => (uint)mask).ToArray();
        var reported = 0;
        Assert.Throws<OperationCanceledException>(() => masked.Evaluate(new float[10], new float[10], Ten, 0, masks, new double[1024], new Immediate(_ =>
        {
            if (++reported == 5)
            {
                source.Cancel();
            }
        }), source.Token));
        Assert.InRange(reported, 5, 5 + 3);
    }

    [Fact]
    public void Each_number_is_worked_on_once_and_the_threads_are_kept()
    {
        var threads = new LaneThreads(3);
        for (var count = 0; count < 300; count++)
        {
            var seen = new int[count];
            threads.Each(count, (item, lane) =>
            {
                Assert.InRange(lane, 0, 2);
                Interlocked.Increment(ref seen[item]);
            });
            Assert.All(seen, times => Assert.Equal(1, times));
        }

        // Three that wait for each other are on three threads that are not the pool's.
        using var together = new Barrier(3);
        var used = new Thread[3];
        threads.Each(3, (item, lane) =>
        {
            used[lane] = Thread.CurrentThread;
            Assert.True(together.SignalAndWait(TimeSpan.FromMinutes(1)));
        });
        Assert.All(used, thread => Assert.True(thread is { IsAlive: true, IsThreadPoolThread: false } && thread != Thread.CurrentThread));
        threads.Dispose();
        Assert.All(used, thread => Assert.False(thread.IsAlive));
    }

    [Fact]
    public void The_first_fault_is_thrown_and_no_more_is_begun()
    {
        using var threads = new LaneThreads(2);
        var begun = 0;
        var fault = Assert.Throws<InvalidDataException>(() => threads.Each(1000, (item, _) =>
        {
            Interlocked.Increment(ref begun);
            if (item == 3)
            {
                throw new InvalidDataException("third");
            }

            Thread.Sleep(1);
        }));
        Assert.Equal("third", fault.Message);
        Assert.InRange(begun, 4, 900);
        threads.Each(2, (_, _) => { });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(70)]
    [InlineData(160)]
    public void A_classifier_gives_each_sample_its_own_logits(int count)
    {
        using var classifier = Classifier.Open(Sum(10), [10], DeviceKind.Cpu, batch: 8);
        float[][] samples = [.. Enumerable.Range(0, count).Select(k => Enumerable.Range(0, 10).Select(i => (float)(k + i)).ToArray())];
        List<double> shares = [];
        var logits = classifier.Logits(samples, new Immediate(shares.Add), TestContext.Current.CancellationToken);
        Assert.Equal(samples.Select(sample => sample.Sum()), logits.Select(row => row[0]));
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(1, shares[^1]);
    }

    private static OnnxModel Sum(int cells)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, cells);
        graph.Output("z", null, 2);
        graph.Initializer("axis", [1L], 1);
        graph.Node("ReduceSum", ["x", "axis"], "sum", ("keepdims", 1));
        graph.Node("Neg", ["sum"], "less");
        graph.Node("Concat", ["sum", "less"], "z", ("axis", 1));
        return OnnxModel.Load(graph.ToBytes());
    }

    private sealed class Immediate(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
