using System.Runtime.InteropServices;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Bindings.TorchSharp.Tests;

/// <summary>Gradients against closed forms.</summary>
public sealed class AutogradTests : TorchTest
{
    [Fact]
    public void The_gradient_of_a_polynomial_is_its_derivative()
    {
        var x = torch.tensor(new double[] { -1, 0.5, 2 }, requires_grad: true);
        var y = (x * x * x - 2 * x).sum();
        var slope = autograd.grad([y], [x])[0];
        Assert.Equal([1.0, -1.25, 10], slope.data<double>().ToArray());
    }

    [Fact]
    public void Backward_accumulates_in_the_leaves()
    {
        var x = torch.tensor(new double[] { 3 }, requires_grad: true);
        Assert.Null(x.grad);
        (x * x).sum().backward();
        (x * x).sum().backward();
        Assert.Equal([12.0], x.grad!.data<double>().ToArray());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Gradients_can_be_differentiated_again()
    {
        var x = torch.tensor(new double[] { 2 }, requires_grad: true);
        var first = autograd.grad([x.pow(4)], [x], [torch.ones(1, ScalarType.Float64)], create_graph: true)[0];
        var second = autograd.grad([first], [x], [torch.ones(1, ScalarType.Float64)])[0];
        Assert.Equal(32.0, first.ToDouble(), 1e-12);
        Assert.Equal(48.0, second.ToDouble(), 1e-12);
    }

    [Fact]
    public void Weights_of_the_outputs_multiply_their_gradients()
    {
        var x = torch.tensor(new double[] { 1, 2 }, requires_grad: true);
        var slope = autograd.grad([x * x], [x], [torch.tensor(new double[] { 10, 100 })])[0];
        Assert.Equal([20.0, 400], slope.data<double>().ToArray());
    }

    [Fact]
    public void An_unused_input_is_null_where_that_is_allowed_and_an_error_where_not()
    {
        var x = torch.ones(1, requires_grad: true);
        var unused = torch.ones(1, requires_grad: true);
        var found = autograd.grad([(x * 2).sum()], [x, unused], allow_unused: true);
        Assert.Null(found[1]);
        Assert.Throws<ExternalException>(() => autograd.grad([(x * 2).sum()], [unused]));
    }

    [Fact]
    public void Nothing_is_recorded_without_grad_and_the_mode_comes_back()
    {
        var x = torch.ones(1, requires_grad: true);
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
            {
                Assert.True((x * 2).requires_grad);
            }

            Assert.False(is_grad_enabled());
        }

        Assert.True((x * 2).requires_grad);
        Assert.False((x * 2).detach().requires_grad);
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
        }

        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void The_mode_is_the_threads_own()
    {
        using var quiet = no_grad();
        var elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();
        Assert.True(elsewhere);
        Assert.False(is_grad_enabled());
    }

    [Fact]
    public void The_gradient_of_cross_entropy_is_softmax_less_one_hot()
    {
        var logits = torch.tensor(new double[] { 0.3, -1, 2, 0, 0, 1 }, [2, 3], requires_grad: true);
        var labels = torch.tensor(new long[] { 2, 0 });
        var slope = autograd.grad([F.cross_entropy(logits, labels)], [logits])[0];
        var expected = (logits.detach().softmax(1) - F.one_hot(labels, 3)) / 2;
        Assert.True(slope.allclose(expected, 1e-12, 1e-12));
    }

    [Fact]
    public void A_parameter_shares_the_memory_of_its_tensor()
    {
        var data = torch.zeros(2);
        var parameter = new global::TorchSharp.Modules.Parameter(data);
        Assert.True(parameter.is_leaf && parameter.requires_grad && !data.requires_grad);
        using (no_grad())
        {
            parameter.add_(1);
        }

        Assert.Equal([1f, 1f], data.data<float>().ToArray());
    }

    [Fact]
    public void Division_of_a_number_by_a_tensor_differentiates()
    {
        var x = torch.tensor(new double[] { 2, 4 }, requires_grad: true);
        Assert.Equal([-2.0, -0.5], autograd.grad([(8.0 / x).sum()], [x])[0].data<double>().ToArray());
    }
}
