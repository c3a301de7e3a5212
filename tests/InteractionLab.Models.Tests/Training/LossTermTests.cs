using InteractionLab.Interactions;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Training;
using InteractionLab.Models.Training.Terms;
using static TorchSharp.torch;

namespace InteractionLab.Models.Tests.Training;

/// <summary>The terms that training adds to cross-entropy, and their gradients.</summary>
public sealed class LossTermTests : IDisposable
{
    private const int Columns = 6;
    private static readonly PlayerLayout Units = new(Columns, [.. Enumerable.Range(0, Columns)]);
    private readonly TrainingData _data = new();

    public LossTermTests() => TorchLibrary.Require();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Interactions_as_operations_equal_those_of_the_solver()
    {
        foreach (var solver in new[] { SolverKind.Half, SolverKind.Certified })
        {
            var random = new Random(4);
            var v = Enumerable.Range(0, 32).Select(_ => (random.NextDouble() * 6) - 3).ToArray();
            var solved = AndOrSolver.Solve(v, new DecompositionOptions { Solver = solver });
            using var scope = NewDisposeScope();
            var term = new PenaltyTerm(new Penalty(1, 5, 1, 1e9, solver), null!, Units, new float[Columns], 0);

            // Against a baseline of zeros nothing generalizes: the sum is that of all interactions.
            var sum = term.Sum(tensor(v, [1, 32]), zeros(1, 32, ScalarType.Float64)).item<double>();
            Assert.Equal(solved.And.Skip(1).Concat(solved.Or.Skip(1)).Sum(Math.Abs), sum, 1e-9);
        }
    }

    [Fact]
    public void Interactions_that_generalize_are_not_penalized()
    {
        // v has AND effects 2 of {0,1} and -1 of {2}; the baseline has the first one alone, and an opposite one at {2}.
        double[] own = [0, 0, 0, 2, -1, -1, -1, 1];
        double[] other = [0, 0, 0, 2, 1, 1, 1, 3];
        using var scope = NewDisposeScope();
        var term = new PenaltyTerm(new Penalty(1, 3, 1, 0.05, SolverKind.Certified), null!, Units, new float[Columns], 0);
        Assert.Equal(1, term.Sum(tensor(own, [1, 8]), tensor(other, [1, 8])).item<double>(), 0.12);

        // Against itself all that is salient generalizes; what is left are the crumbs of the solver.
        Assert.Equal(0, term.Sum(tensor(own, [1, 8]), tensor(own, [1, 8])).item<double>(), 1e-3);
    }

    [Theory]
    [InlineData(ModulationKind.Encourage, 0.34, 0.67, 1)]
    [InlineData(ModulationKind.Encourage, 0.34, 0.67, 3)]
    [InlineData(ModulationKind.Suppress, 0.34, 1, 1)]
    [InlineData(ModulationKind.Suppress, 0.34, 1, 3)]
    [InlineData(ModulationKind.Suppress, 0, 0.5, 1)]
    [InlineData(ModulationKind.Suppress, 0, 0.5, 3)]
    public void Players_that_only_add_up_have_no_difference_of_outputs(ModulationKind kind, double from, double to, int pairs)
    {
        // Logit c = Σ_i w_ci x_i with the same w_c for all players: v(S) is proportional to |S|, and Δu = 0 for k1 > 0.
        var graph = new Models.Onnx.GraphBuilder();
        graph.Input("x", null, Columns);
        graph.Output("z", null, 3);
        graph.Initializer("w", [.. Enumerable.Range(0, 3 * Columns).Select(i => (float)((i % 3) - 1))], Columns, 3);
        graph.Node("MatMul", ["x", "w"], "z");
        using var network = TorchNetwork.Load(Models.Onnx.OnnxModel.Load(graph.ToBytes()), new TorchOptions(DeviceKind.Cpu));
        using var scope = NewDisposeScope();
        using var masks = new MaskedBatches(Units, new float[Columns], CPU);
        var value = new ModulationTerm(new Modulation(kind, from, to, 1, pairs), masks, 0).Evaluate(network, Step(ones(5, Columns), 5)).item<float>();
        double[] difference = from == 0 ? [-3, 0, 3] : [0, 0, 0];
        var all = difference.Sum(Math.Exp);
        var probabilities = difference.Select(u => Math.Exp(u) / all).ToArray();
        var expected = kind == ModulationKind.Suppress
            ? probabilities.Sum(p => p * Math.Log(p))
            : Enumerable.Range(0, 5).Average(row => -Math.Log(probabilities[row % 3]));
        Assert.Equal(expected, value, 1e-5);
    }

    [Fact]
    public void Many_pairs_come_close_to_the_expectation()
    {
        // Logits ±Σ_i w_i x_i with unequal w: E Δu = 0, and L- is -ln 2 there; one pair strays by the unequal weights.
        var graph = new Models.Onnx.GraphBuilder();
        graph.Input("x", null, Columns);
        graph.Output("z", null, 2);
        graph.Initializer("w", [.. Enumerable.Range(0, 2 * Columns).Select(i => (i % 2 == 0 ? 1f : -1f) * (i / 2))], Columns, 2);
        graph.Node("MatMul", ["x", "w"], "z");
        using var network = TorchNetwork.Load(Models.Onnx.OnnxModel.Load(graph.ToBytes()), new TorchOptions(DeviceKind.Cpu));
        using var scope = NewDisposeScope();
        using var masks = new MaskedBatches(Units, new float[Columns], CPU);
        var step = Step(ones(40, Columns), 40) with { Labels = zeros(40, ScalarType.Int64) };
        var beyond = new[] { 1, 8, 64 }
            .Select(pairs => new ModulationTerm(new Modulation(ModulationKind.Suppress, 0.5, 1, 1, pairs), masks, 0).Evaluate(network, step).item<float>() + Math.Log(2)).ToArray();
        Assert.InRange(beyond[0], 0.5, Math.Log(2));
        Assert.InRange(beyond[1], 0.1, beyond[0] - 0.1);
        Assert.InRange(beyond[2], 0, 0.25);
    }

    [Theory]
    [InlineData("encourage")]
    [InlineData("encourage in pairs")]
    [InlineData("suppress")]
    [InlineData("penalty")]
    public void Gradients_are_those_of_finite_differences(string kind)
    {
        var rows = _data.Rows();
        using var network = TorchNetwork.Load(TrainingData.Network(rows, """{"name": "mlp", "depth": 2, "width": 8}"""), new TorchOptions(DeviceKind.Cpu, Double: true));
        using var baseline = TorchNetwork.Load(TrainingData.Network(rows, """{"name": "mlp", "depth": 2, "width": 8}""", seed: 9), new TorchOptions(DeviceKind.Cpu, Double: true));
        using var scope = NewDisposeScope();
        using var masks = new MaskedBatches(Units, new float[Columns], CPU);
        ILossTerm term = kind switch
        {
            "encourage" => new ModulationTerm(new Modulation(ModulationKind.Encourage, 0.3, 0.7, 1), masks, 0),
            "encourage in pairs" => new ModulationTerm(new Modulation(ModulationKind.Encourage, 0.3, 0.7, 1, 3), masks, 0),
            "suppress" => new ModulationTerm(new Modulation(ModulationKind.Suppress, 0, 0.5, 1), masks, 1),
            _ => new PenaltyTerm(new Penalty(1, 4, 2, 0.05, SolverKind.Half), baseline, Units, new float[Columns], 2),
        };
        var inputs = tensor([.. Enumerable.Range(0, 5).SelectMany(i => rows.Get(i).Values).Select(value => (double)value)], [5, Columns]);
        var step = Step(inputs, 5);
        var parameters = network.Parameters.Values.ToList();
        var gradients = autograd.grad([term.Evaluate(network, step)], parameters);
        const double Small = 1e-6;
        for (var p = 0; p < parameters.Count; p++)
        {
            for (var k = 0; k < parameters[p].numel(); k += 5)
            {
                var difference = (Moved(p, k, Small) - Moved(p, k, -Small)) / (2 * Small);
                Assert.Equal(difference, gradients[p].flatten().select(0, k).item<double>(), 1e-6 * Math.Max(1, Math.Abs(difference)));
            }
        }

        double Moved(int p, int k, double by)
        {
            using var inner = NewDisposeScope();
            using var still = no_grad();
            var entry = parameters[p].view(-1).narrow(0, k, 1);
            entry.add_(by);
            var value = term.Evaluate(network, step).item<double>();
            entry.add_(-by);
            return value;
        }
    }

    [Fact]
    public void Terms_draw_the_same_in_the_same_step_and_else_differently()
    {
        var rows = _data.Rows();
        using var network = TorchNetwork.Load(TrainingData.Network(rows, """{"name": "mlp", "depth": 1, "width": 8}"""), new TorchOptions(DeviceKind.Cpu));
        using var scope = NewDisposeScope();
        using var masks = new MaskedBatches(Units, new float[Columns], CPU);
        var modulation = new Modulation(ModulationKind.Encourage, 0.3, 0.7, 1);
        var inputs = tensor([.. Enumerable.Range(0, 40).SelectMany(i => rows.Get(i).Values)], [40, Columns]);
        float[] values =
        [
            .. new[] { (0, 0, 0), (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1) }.Select(at =>
                new ModulationTerm(modulation, masks, at.Item1).Evaluate(network, Step(inputs, 40) with { Epoch = at.Item2, Number = at.Item3 }).item<float>()),
        ];
        Assert.Equal(values[0], values[1]);
        Assert.Equal(4, values.Distinct().Count());
    }

    [Fact]
    public void Masks_of_one_size_are_refused()
    {
        using var masks = new MaskedBatches(Units, new float[Columns], CPU);
        var fault = Assert.Throws<TrainingException>(() => new ModulationTerm(new Modulation(ModulationKind.Suppress, 0.5, 0.55, 1), masks, 0));
        Assert.Contains("6 players", fault.Message, StringComparison.Ordinal);
    }

    private static TrainingStep Step(Tensor inputs, int rows)
    {
        var labels = tensor([.. Enumerable.Range(0, rows).Select(row => (long)(row % 3))]);
        return new TrainingStep(inputs, labels, inputs, [.. Enumerable.Range(0, rows)], 7, 0, 0);
    }
}
