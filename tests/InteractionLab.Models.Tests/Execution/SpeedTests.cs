using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Models.Tests.Execution;

/// <summary>Batch sizes are measured once for a structure and remembered.</summary>
public sealed class SpeedTests
{
    private static readonly MaskedModelOptions Options = new(ValueKind.LogOdds, Device: DeviceKind.Cpu, Threads: 1);

    [Fact]
    public void A_batch_size_is_measured_once_and_then_remembered()
    {
        var speeds = new SpeedMemory();
        var key = SpeedKey.Of(Network(1), [40], Options);
        using (var masked = MaskedModel.Build(Network(1), [40], Options with { Speed = speeds }))
        {
            var found = speeds.Find(key);
            Assert.NotNull(found);
            Assert.Equal(masked.BatchSize, found.Rows);
            Assert.True(found.Rows is >= 8 and <= 256 && int.IsPow2(found.Rows), $"{found.Rows} rows");
            Assert.True(found.SecondsPerRow is > 0 and < 1 && !found.Lowered, $"{found.SecondsPerRow} s");
        }

        // Other weights of the same structure take what is remembered, be it never so odd.
        speeds.Keep(key, new SpeedMeasurement(13, 0.5));
        using var other = MaskedModel.Build(Network(2), [40], Options with { Speed = speeds });
        Assert.Equal(13, other.BatchSize);
        Assert.Equal(new SpeedMeasurement(13, 0.5), speeds.Find(key));
        using var asked = MaskedModel.Build(Network(1), [40], Options with { Speed = speeds, Batch = 5 });
        Assert.Equal(5, asked.BatchSize);
        using var alone = MaskedModel.Build(Network(1), [40], Options);
        Assert.Equal(32, alone.BatchSize);
    }

    [Fact]
    public void A_graph_of_a_fixed_batch_is_timed_and_keeps_its_batch()
    {
        var graph = new GraphBuilder();
        graph.Input("x", 4, 2);
        graph.Output("z", 4, 2);
        graph.Initializer("numbers", [0L, 1, 2, 3], 4);
        graph.Node("Gather", ["x", "numbers"], "z", ("axis", 0));
        var speeds = new SpeedMemory();
        var model = OnnxModel.Load(graph.ToBytes());
        using var masked = MaskedModel.Build(model, [2], Options with { Speed = speeds });
        Assert.Equal(4, masked.BatchSize);
        Assert.Equal(4, speeds.Find(SpeedKey.Of(model, [2], Options))!.Rows);
    }

    [Fact]
    public void The_key_is_the_structure_and_how_it_runs()
    {
        var own = SpeedKey.Of(Network(1), [40], Options);
        Assert.Matches("^[0-9a-f]{64}$", own);
        Assert.Equal(own, SpeedKey.Of(Network(2), [40], Options));
        Assert.Equal(own, SpeedKey.Of(Network(1), [40], Options with { Batch = 9, Speed = new SpeedMemory() }));
        Assert.Equal(own, SpeedKey.Of(Pruner.Create(Network(1), new PrunerOptions(PrunerKind.MagnitudeGlobal)).Prune(0.5).Model, [40], Options));
        string[] others =
        [
            SpeedKey.Of(Network(1, width: 31), [40], Options),
            SpeedKey.Of(Network(1), [40], Options with { Value = ValueKind.Logit }),
            SpeedKey.Of(Network(1), [40], Options with { Threads = 2 }),
            SpeedKey.Of(Network(1), [40], Options with { Cut = "hidden" }),
        ];
        Assert.Equal(5, others.Append(own).Distinct().Count());
    }

    private static OnnxModel Network(int seed, int width = 30)
    {
        var random = new Random(seed);
        var graph = new GraphBuilder();
        graph.Input("x", null, 40);
        graph.Output("z", null, 3);
        graph.Initializer("a", Weights(40 * width), 40, width);
        graph.Initializer("b", Weights(width * 3), width, 3);
        graph.Node("MatMul", ["x", "a"], "product");
        graph.Node("Relu", ["product"], "hidden");
        graph.Node("MatMul", ["hidden", "b"], "z");
        return OnnxModel.Load(graph.ToBytes());

        float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }
}
