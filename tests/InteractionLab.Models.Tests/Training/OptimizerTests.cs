using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Training;
using InteractionLab.Models.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Tests.Training;

/// <summary>
/// Update rules on f(w) = Σ a (w - c)² / 2, whose gradient is a (w - c): six steps against what PyTorch 1.13 leaves, and
/// single steps against the formulas.
/// </summary>
public sealed class OptimizerTests
{
    private static readonly float[] Curvature = [1, 3, 0.5f];
    private static readonly float[] Minimum = [1, -2, 0.25f];
    private static readonly float[] Start = [0.5f, 0.5f, -1];

    public static TheoryData<OptimizerSettings, double[]> Printed => new()
    {
        { new() { LearningRate = 0.1 }, [0.7342795729637146, -1.7058775424957275, -0.6688648462295532] },
        { new() { LearningRate = 0.1, WeightDecay = 0.05 }, [0.7198704481124878, -1.689167857170105, -0.6467685103416443] },
        { new() { LearningRate = 0.1, WeightDecay = 0.05, Momentum = 0.9 }, [1.0860244035720825, -3.586029529571533, -0.0031929221004247665] },
        { new() { LearningRate = 0.1, WeightDecay = 0.05, Momentum = 0.9, Nesterov = true }, [1.0790506601333618, -2.4171080589294434, 0.09601439535617828] },
        { new() { Type = OptimizerKind.Adam, LearningRate = 0.1, WeightDecay = 0.05 }, [1.0348780155181885, -0.09609263390302658, -0.410284161567688] },
        { new() { Type = OptimizerKind.Adamw, LearningRate = 0.1, WeightDecay = 0.05, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6 }, [1.0154476165771484, -0.10147874802350998, -0.39290517568588257] },
        { new() { LearningRate = 0.1, ClipNorm = 1.5 }, [0.566937267780304, -0.39330223202705383, -0.913831353187561] },
    };

    [Theory]
    [MemberData(nameof(Printed))]
    public void Six_steps_end_where_those_of_PyTorch_end(OptimizerSettings settings, double[] expected)
    {
        TorchLibrary.Require();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var parameter = tensor(Start))
        using (var optimizer = Optimizer.Create(settings, [parameter]))
        {
            Walk(optimizer, parameter, 6);
            Assert.All(Read(parameter).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 2e-6));
            Assert.Equal(6, optimizer.Steps);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void The_first_step_of_Adam_is_the_learning_rate_against_the_sign_of_the_gradient()
    {
        TorchLibrary.Require();
        using var parameter = tensor(Start);
        using var optimizer = Optimizer.Create(new() { Type = OptimizerKind.Adam, LearningRate = 0.01 }, [parameter]);
        Walk(optimizer, parameter, 1, 0.01);
        for (var i = 0; i < Start.Length; i++)
        {
            Assert.Equal(Start[i] - (0.01 * Math.Sign(Start[i] - Minimum[i])), Read(parameter)[i], 1e-6);
        }
    }

    [Fact]
    public void A_clipped_gradient_has_the_norm_asked_for_over_all_parameters()
    {
        TorchLibrary.Require();
        using var first = zeros(2);
        using var second = zeros(1);
        using var optimizer = Optimizer.Create(new() { LearningRate = 1, ClipNorm = 0.5 }, [first, second]);
        using var scope = NewDisposeScope();
        optimizer.Step([tensor(new float[] { 3, 0 }), tensor(new float[] { 4 })], 1);
        Assert.Equal(-0.3, Read(first)[0], 1e-6);
        Assert.Equal(-0.4, Read(second)[0], 1e-6);
    }

    [Fact]
    public void A_gradient_below_the_norm_is_left_alone()
    {
        TorchLibrary.Require();
        using var parameter = zeros(1);
        using var optimizer = Optimizer.Create(new() { LearningRate = 1, ClipNorm = 10 }, [parameter]);
        using var gradient = tensor(new float[] { 0.25f });
        optimizer.Step([gradient], 1);
        Assert.Equal(-0.25, Read(parameter)[0]);
    }

    [Fact]
    public void State_put_back_goes_on_bit_for_bit()
    {
        TorchLibrary.Require();
        foreach (var settings in Printed.Select(row => row.Data.Item1))
        {
            using var whole = tensor(Start);
            using var optimizer = Optimizer.Create(settings, [whole]);
            Walk(optimizer, whole, 3);
            using var resumed = whole.clone();
            using var other = Optimizer.Create(settings, [resumed]);
            foreach (var (from, to) in optimizer.State.Zip(other.State))
            {
                to.copy_(from);
            }

            other.Restore(optimizer.Steps);
            Walk(optimizer, whole, 3);
            Walk(other, resumed, 3);
            Assert.Equal(Read(whole), Read(resumed));
        }
    }

    private static void Walk(Optimizer optimizer, Tensor parameter, int steps, double rate = 0.1)
    {
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.Step([parameter.sub(tensor(Minimum)).mul(tensor(Curvature))], rate);
        }
    }

    private static float[] Read(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().data<float>().ToArray();
    }
}
