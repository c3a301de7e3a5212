using InteractionLab.Interactions;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>Both forms of masking give a network the same numbers, and buffers that serve many samples mix none of them up.</summary>
public sealed class MaskFormTests
{
    [Theory]
    [InlineData("cifar_resnet8_e12", 0)]
    [InlineData("cifar_resnet8_e12", 0.3)]
    [InlineData("cifar_vit", -1.5)]
    public void The_product_gives_the_bits_of_the_selection(string name, float baseline)
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", name + ".onnx")));
        var network = NetworkGraph.Prepare(model, [3, 32, 32], []);
        var random = new Random(3);
        var layout = LayoutIndex.Build(new PlayerLayout(9, [.. Enumerable.Range(0, 3072).Select(_ => random.Next(-2, 9))]), network.SampleShape);
        float[] sample = [.. Enumerable.Range(0, 3072).Select(_ => (float)(random.NextDouble() - 0.5))];
        var inputs = new MaskedInputs(sample, [.. Enumerable.Repeat(baseline, 3072)], layout, network.SampleShape, 9, 4);
        ulong[] masks = [.. Enumerable.Range(0, 50).Select(_ => (ulong)random.Next(1 << 9))];
        var (product, selection) = (new double[50], new double[50]);
        var table = MaskTable.For(inputs);
        Assert.NotNull(table);
        Assert.Equal(baseline == 0 ? 10 : 19, table.Lines);
        Run(MaskForm.Product, table, product);
        Run(MaskForm.Select, null, selection);
        Assert.Equal(selection, product);

        void Run(MaskForm form, MaskTable? by, double[] values)
        {
            var graph = MaskedGraph.Build(network, 10, ValueKind.LogOdds, form);
            using var runs = new MaskedRuns(graph, NetworkSession.Open(graph.Model, DeviceKind.Cpu, 1), lanes: 1, sideBySide: true, copies: false);
            runs.Evaluate(inputs, by, new MaskWords(masks, 1), 16, false, values, null, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Samples_of_many_shapes_in_turn_keep_their_own_values()
    {
        // z_0 = Σ x_i: with few players or many, with a baseline or without, numbers of masks that fill batches or do not.
        const int Cells = 200;
        using var masked = MaskedModel.Build(Sum(Cells), [Cells], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 8));
        var random = new PortableRandom(5);
        foreach (var (players, baseline, count) in new[] { (3, 0, 16), (3, 0, 5), (3, 2, 17), (200, 0, 9), (3, 2, 8), (100, 1, 40), (32, 0, 1), (1, 4, 3), (3, 0, 16) })
        {
            var masks = new MaskList(players);
            for (var k = 0; k < count; k++)
            {
                masks.Place([.. Enumerable.Range(0, Math.Max(1, (players + 63) / 64)).Select(word => players - (64 * word) >= 64 ? random.Next() : random.Next() & ((1UL << Math.Max(0, players - (64 * word))) - 1))]);
            }

            float[] sample = [.. Enumerable.Range(0, Cells).Select(cell => (float)(cell + count))];
            var layout = new PlayerLayout(players, [.. Enumerable.Range(0, Cells).Select(cell => cell < players ? cell : cell % 2 == 0 ? PlayerLayout.Keep : PlayerLayout.Absent)]);
            var values = new double[masks.Count];
            masked.Evaluate(sample, [.. Enumerable.Repeat((float)baseline, Cells)], layout, 0, masks, values);
            for (var k = 0; k < masks.Count; k++)
            {
                double expected = 0;
                for (var cell = 0; cell < Cells; cell++)
                {
                    var present = cell < players ? ((masks[k][cell / 64] >> (cell % 64)) & 1) == 1 : cell % 2 == 0;
                    expected += present ? sample[cell] : baseline;
                }

                Assert.Equal(expected, values[k]);
            }
        }
    }

    [Fact]
    public void Cells_that_are_no_finite_numbers_are_chosen_and_not_multiplied()
    {
        using var masked = MaskedModel.Build(Sum(2), [2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu));
        var values = new double[4];
        masked.Evaluate([float.PositiveInfinity, 5], [1, 2], new PlayerLayout(2, [0, 1]), 0, [0, 1, 2, 3], values);
        Assert.Equal([3, double.PositiveInfinity, 6, double.PositiveInfinity], values);
    }

    [Fact]
    public void Masks_written_while_a_run_is_under_way_are_the_right_ones()
    {
        const int Cells = 300;
        using var masked = MaskedModel.Build(Sum(Cells), [Cells], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 256));
        var random = new PortableRandom(9);
        var masks = new MaskList(Cells);
        List<double> expected = [];
        for (var k = 0; k < 1000; k++)
        {
            ulong[] mask = [random.Next(), random.Next(), random.Next(), random.Next(), random.Next() >> 20];
            masks.Place(mask);
            expected.Add(Enumerable.Range(0, Cells).Sum(i => ((mask[i / 64] >> (i % 64)) & 1) == 1 ? i : 0));
        }

        var values = new double[masks.Count];
        masked.Evaluate([.. Enumerable.Range(0, Cells).Select(i => (float)i)], new float[Cells], new PlayerLayout(Cells, [.. Enumerable.Range(0, Cells)]), 0, masks, values);
        Assert.Equal(expected, values);
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
}
