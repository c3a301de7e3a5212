using System.Collections.Concurrent;
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

    [Fact]
    public async Task Lanes_go_on_with_the_next_callers_work_while_an_item_of_the_first_is_worked_on()
    {
        using var threads = new LaneThreads(2);
        using var hold = new ManualResetEventSlim();
        ConcurrentQueue<string> begun = new();
        var first = OnItsThread(() => threads.Each(3, (item, _) =>
        {
            begun.Enqueue($"a{item}");
            if (item == 0)
            {
                Assert.True(hold.Wait(TimeSpan.FromMinutes(1)));
            }
        }));
        Assert.True(SpinWait.SpinUntil(() => begun.Count == 3, TimeSpan.FromMinutes(1)));
        threads.Each(4, (item, _) => begun.Enqueue($"b{item}"));
        Assert.False(first.IsCompleted);
        hold.Set();
        await first;
        Assert.Equal(["a0", "a1", "a2"], begun.Take(3).Order());
        Assert.Equal(["b0", "b1", "b2", "b3"], begun.Skip(3));
    }

    [Fact]
    public async Task A_fault_is_its_own_callers_and_others_lose_nothing()
    {
        using var threads = new LaneThreads(3);
        var seen = new int[4, 500];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => OnItsThread(() =>
        {
            void Work() => threads.Each(500, (item, _) =>
            {
                Interlocked.Increment(ref seen[caller, item]);
                if (caller == 2 && item == 7)
                {
                    throw new InvalidDataException("seventh");
                }

                if (caller == 2 && item > 7)
                {
                    // Ten seconds for all of them: long enough for the fault to be seen on any machine.
                    Thread.Sleep(20);
                }
            });
            if (caller == 2)
            {
                Assert.Equal("seventh", Assert.Throws<InvalidDataException>(Work).Message);
            }
            else
            {
                Work();
            }
        })));
        Assert.All(Enumerable.Range(0, 500), item => Assert.Equal((1, 1, 1), (seen[0, item], seen[1, item], seen[3, item])));
        Assert.InRange(Enumerable.Range(0, 500).Sum(item => seen[2, item]), 8, 499);
        Assert.All(Enumerable.Range(0, 500), item => Assert.InRange(seen[2, item], 0, 1));
    }

    [Fact]
    public void Fewer_lanes_are_the_first_ones()
    {
        using var threads = new LaneThreads(3) { Most = 2 };
        ConcurrentDictionary<int, int> used = new();
        threads.Each(100, (_, lane) => used[lane] = Environment.CurrentManagedThreadId);
        Assert.All(used.Keys, lane => Assert.InRange(lane, 0, 1));
        threads.Most = 1;
        used.Clear();
        threads.Each(100, (_, lane) => used[lane] = Environment.CurrentManagedThreadId);
        Assert.Equal(0, Assert.Single(used).Key);
    }

    [Theory]
    [InlineData("cifar_resnet8_e12", null)]
    [InlineData("cifar_resnet8_e12", "/l1/Relu_output_0")]
    [InlineData("cifar_vit", "/e.0/Add_2_output_0")]
    public async Task Samples_evaluated_at_once_have_the_bits_of_one_after_the_other(string name, string? cut)
    {
        const int Samples = 6;
        using var masked = MaskedModel.Build(
            OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", name + ".onnx"))), [3, 32, 32], new MaskedModelOptions(ValueKind.LogOdds, cut, DeviceKind.Cpu, Batch: 8, Threads: 2));
        var random = new Random(4);
        var cells = masked.MaskedShape.Aggregate(1, (product, size) => product * size);
        float[][] samples = [.. Enumerable.Range(0, Samples).Select(_ => Enumerable.Range(0, 3072).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray())];

        // Of different players and numbers of masks, so that buffers do not fit from one to the next.
        PlayerLayout[] layouts = [.. Enumerable.Range(0, Samples).Select(k => new PlayerLayout(4 + (k % 3), [.. Enumerable.Range(0, cells).Select(_ => random.Next(-2, 4 + (k % 3)))]))];
        var expected = Enumerable.Range(0, Samples).Select(ValuesOf).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var found = await Task.WhenAll(Enumerable.Range(0, Samples).Select(k => OnItsThread(() => ValuesOf(k))));
            Assert.Equal(expected, found);
        }

        double[] ValuesOf(int k)
        {
            var values = new double[(1 << layouts[k].Players) - k];
            Assert.Equal(8, masked.Evaluate(samples[k], new float[cells], layouts[k], k, [.. Enumerable.Range(0, values.Length).Select(mask => (uint)mask)], values));
            return values;
        }
    }

    [Fact]
    public async Task Samples_of_both_forms_at_once_keep_their_own_values()
    {
        // z_0 = Σ x_i. What is not finite cannot be masked by products, so every second sample needs the other graph.
        using var masked = MaskedModel.Build(Sum(10), [10], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 16, Threads: 2));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => OnItsThread(() =>
        {
            for (var round = 0; round < 25; round++)
            {
                float[] sample = [.. Enumerable.Range(0, 10).Select(i => (float)((caller + 1) << i))];
                float[] baseline = new float[10];
                baseline[9] = caller % 2 == 0 ? 0 : float.PositiveInfinity;
                var values = new double[1024];
                masked.Evaluate(sample, baseline, Ten, 0, [.. Enumerable.Range(0, 1024).Select(mask => (uint)mask)], values);
                Assert.Equal(Enumerable.Range(0, 1024).Select(mask => mask < 512 && caller % 2 == 1 ? double.PositiveInfinity : mask * (caller + 1.0)), values);
            }
        })));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public async Task Samples_at_once_on_one_session_in_turns_and_side_by_side(int lanes, bool sideBySide)
    {
        var network = NetworkGraph.Prepare(Sum(10), [10], []);
        var graph = MaskedGraph.Build(network, 2, ValueKind.Logit, MaskForm.Select);
        using var runs = new MaskedRuns(graph, NetworkSession.Open(graph.Model, DeviceKind.Cpu, 1), lanes, sideBySide, copies: !sideBySide);
        await Task.WhenAll(Enumerable.Range(1, 4).Select(factor => OnItsThread(() =>
        {
            for (var round = 0; round < 20; round++)
            {
                var count = 100 + (7 * round);
                var inputs = new MaskedInputs([.. Enumerable.Range(0, 10).Select(i => (float)(factor << i))], new float[10], LayoutIndex.Build(Ten, network.SampleShape), network.SampleShape, 10, 0);
                ulong[] masks = [.. Enumerable.Range(0, count).Select(k => (ulong)(k * 7 % 1024))];
                var values = new double[count];
                runs.Evaluate(inputs, null, new MaskWords(masks, 1), 16, false, values, null, CancellationToken.None);
                Assert.Equal(masks.Select(mask => (double)mask * factor), values);
            }
        })));
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

    private static Task<bool> OnItsThread(Action action) => OnItsThread(() =>
    {
        action();
        return true;
    });

    private static Task<T> OnItsThread<T>(Func<T> action) =>
        Task.Factory.StartNew(action, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

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
