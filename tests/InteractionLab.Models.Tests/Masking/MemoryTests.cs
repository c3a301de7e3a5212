using System.Globalization;
using System.Runtime.InteropServices;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Tests.Torch;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>Tests that limit the memory of the process run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryLimited
{
    public const string Name = "memory";
}

/// <summary>
/// Memory that runs out for real: the process may take little more than it has, and a run of all masks at once would need
/// gigabytes.
/// </summary>
[Collection(MemoryLimited.Name)]
[Trait("speed", "slow")]
public sealed partial class MemoryTests
{
    private const int Players = 10;
    private const int Wide = 1 << 20;
    private const int Rows = 1 << Players;
    private const long Spare = 700L << 20;
    private static readonly PlayerLayout Layout = new(Players, [.. Enumerable.Range(0, Players)]);

    [Theory]
    [InlineData(NetworkExecutor.OnnxRuntime)]
    [InlineData(NetworkExecutor.Torch)]
    public void The_batch_is_halved_until_it_fits_and_the_notes_say_so(NetworkExecutor executor)
    {
        Require(executor);

        var speeds = new SpeedMemory();
        var options = new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Executor: executor);
        speeds.Keep(SpeedKey.Of(Network(), [Players], options), new SpeedMeasurement(Rows, 1e-3));
        using var masked = MaskedModel.Build(Network(), [Players], options with { Speed = speeds });
        Assert.Equal(Rows, masked.BatchSize);
        var lanes = masked.RowsAtOnce / masked.BatchSize;
        var masks = Enumerable.Range(0, Rows).Select(mask => (uint)mask).ToArray();
        var values = new double[Rows];
        var sample = Powers();
        Evaluate([1], new double[1]);
        using (new AddressSpace(Spare))
        {
            Evaluate(masks, values);
        }

        // v is the sum of the players present, which is the mask, over all columns of the wide layer.
        Assert.Equal(masks.Select(mask => (double)mask), values);
        Assert.InRange(masked.BatchSize, 1, Rows / 2);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Memory ran out at {Rows / lanes} rows a run, so the network runs {masked.BatchSize} at a time."), masked.Notes);
        var kept = speeds.Find(SpeedKey.Of(Network(), [Players], options))!;
        Assert.Equal((masked.BatchSize, true), (kept.Rows, kept.Lowered));

        void Evaluate(uint[] some, double[] found) => masked.Evaluate(sample, new float[Players], Layout, 0, some, found);
    }

    [Theory]
    [InlineData(NetworkExecutor.OnnxRuntime)]
    [InlineData(NetworkExecutor.Torch)]
    public void Samples_evaluated_at_once_take_less_together(NetworkExecutor executor)
    {
        Require(executor);

        const int Samples = 3;
        using var masked = MaskedModel.Build(Network(), [Players], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: Rows, Executor: executor));
        var masks = Enumerable.Range(0, Rows).Select(mask => (uint)mask).ToArray();
        var (values, ran) = (Enumerable.Range(0, Samples).Select(_ => new double[Rows]).ToArray(), new int[Samples]);
        var faults = new Exception?[Samples];
        masked.Evaluate(new float[Players], new float[Players], Layout, 0, [1], new double[1]);
        using var start = new Barrier(Samples + 1);
        Thread[] threads = [.. Enumerable.Range(0, Samples).Select(k => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                ran[k] = masked.Evaluate(Powers(k + 1), new float[Players], Layout, 0, masks, values[k]);
            }
#pragma warning disable CA1031 // Asserted below, on the test's thread.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                faults[k] = fault;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        using (new AddressSpace(Spare))
        {
            start.SignalAndWait();
            Array.ForEach(threads, thread => thread.Join());
        }

        Assert.All(faults, Assert.Null);
        for (var k = 0; k < Samples; k++)
        {
            Assert.Equal(masks.Select(mask => (double)mask * (k + 1)), values[k]);
            Assert.InRange(ran[k], masked.BatchSize, Rows / 2);
        }

        Assert.Contains(masked.Notes, note => note.StartsWith("Memory ran out at ", StringComparison.Ordinal) && note.EndsWith($"runs {masked.BatchSize} at a time.", StringComparison.Ordinal));
    }

    [Fact]
    public void One_row_at_a_time_that_does_not_fit_side_by_side_runs_on_fewer_lanes()
    {
        Require();
        const int Lanes = 4;
        using var masked = MaskedModel.Build(Network(48 * Wide), [Players], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 1, Threads: Lanes));
        uint[] masks = [0, 1, 2, 3, 5, 8, 13, 21];
        var values = new double[masks.Length];
        using (new AddressSpace(Spare))
        {
            masked.Evaluate(Powers(), new float[Players], Layout, 0, masks, values);
        }

        Assert.Equal(masks.Select(mask => (double)mask), values);
        Assert.Equal(1, masked.BatchSize);
        Assert.InRange(masked.RowsAtOnce, 1, Lanes / 2);
        Assert.Contains($"Memory ran out with {Lanes} runs at once, so the network runs {masked.RowsAtOnce} at once.", masked.Notes);
    }

    [Fact]
    public void A_classifier_halves_its_batch_too()
    {
        Require();
        using var classifier = Classifier.Open(Network(), [Players], DeviceKind.Cpu, Rows);
        float[][] samples = [.. Enumerable.Range(0, Rows).Select(row => Enumerable.Repeat((float)row, Players).ToArray())];
        using (new AddressSpace(Spare))
        {
            Assert.Equal(Enumerable.Range(0, Rows).Select(row => (float)row * Players), classifier.Logits(samples).Select(logits => logits[0]));
        }

        Assert.InRange(classifier.BatchSize, 1, Rows / 2);
        Assert.StartsWith($"Memory ran out at {Rows} samples a run", classifier.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_does_not_fit_alone_is_an_error()
    {
        Require();
        using var masked = MaskedModel.Build(Network(16 * Wide), [Players], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 4, Threads: 1));
        using (new AddressSpace(8L << 20))
        {
            var fault = Assert.Throws<ModelRejectedException>(() => masked.Evaluate(new float[Players], new float[Players], Layout, 0, [0, 1, 2, 3], new double[4]));
            Assert.Contains("even for 1 row at a time", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Failed to allocate memory for requested buffer of size 4294967296", true)]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB", true)]
    [InlineData("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED", true)]
    [InlineData("[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 17 bytes", true)]
    [InlineData("Non-zero status code returned while running MatMul node: shapes do not match", false)]
    public void Messages_that_speak_of_memory_are_known(string message, bool memory) => Assert.Equal(memory, MemoryFaults.IsMemory(message));

    /// <summary>A memory limit can be set, and the executor is there.</summary>
    private static void Require(NetworkExecutor executor = NetworkExecutor.OnnxRuntime)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit is set with Linux's setrlimit.");
        if (executor == NetworkExecutor.Torch)
        {
            TorchLibrary.Require();
        }
    }

    /// <summary>A sample whose cells under a mask sum to a multiple of the mask.</summary>
    private static float[] Powers(int factor = 1) => [.. Enumerable.Range(0, Players).Select(i => (float)(factor << i))];

    /// <summary>z_0 = Σ x_i by way of a wide layer: of 2^20 columns it takes 4 MiB a row.</summary>
    private static OnnxModel Network(int columns = Wide)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, Players);
        graph.Output("z", null, 2);
        graph.Initializer("wide", [1L, columns], 2);
        graph.Initializer("axis", [1L], 1);
        graph.Node("ReduceSum", ["x", "axis"], "sum", ("keepdims", 1));
        graph.Node("Expand", ["sum", "wide"], "columns");
        graph.Node("Neg", ["columns"], "negative");
        graph.Node("ReduceMin", ["negative"], "least", ("axes", new long[] { 1 }), ("keepdims", 1));
        graph.Node("Neg", ["least"], "own");
        graph.Node("Concat", ["own", "least"], "z", ("axis", 1));
        return OnnxModel.Load(graph.ToBytes());
    }

    /// <summary>Lets the process map so many bytes beyond what it has mapped, until it is disposed.</summary>
    private sealed partial class AddressSpace : IDisposable
    {
        private const int Kind = 9;
        private readonly Bounds before;

        public AddressSpace(long spare)
        {
            Assert.Equal(0, Get(Kind, out before));
            var mapped = long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            var bounds = before with { Soft = (ulong)(mapped + spare) };
            Assert.Equal(0, Set(Kind, bounds));
        }

        public void Dispose() => Assert.Equal(0, Set(Kind, before));

        [LibraryImport("libc", EntryPoint = "getrlimit")]
        private static partial int Get(int kind, out Bounds bounds);

        [LibraryImport("libc", EntryPoint = "setrlimit")]
        private static partial int Set(int kind, in Bounds bounds);

        [StructLayout(LayoutKind.Sequential)]
        private record struct Bounds(ulong Soft, ulong Hard);
    }
}
