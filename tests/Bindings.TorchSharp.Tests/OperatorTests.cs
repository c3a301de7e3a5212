using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Bindings.TorchSharp.Tests;

/// <summary>Operators reach libtorch, and its complaints come back.</summary>
public sealed class OperatorTests
{
    [Fact]
    public void A_sum_of_tensors_is_the_sum_of_their_elements()
    {
        using var scope = NewDisposeScope();
        var sum = torch.tensor(new float[] { 1, 2, 3 }) + torch.tensor(new float[] { 10, 20, 30 }) * 2.0;
        Assert.Equal([21f, 42f, 63f], sum.data<float>().ToArray());
    }

    [Fact]
    public void A_wrong_shape_throws_with_the_words_of_libtorch()
    {
        using var scope = NewDisposeScope();
        var failure = Assert.Throws<ExternalException>(() => torch.zeros(2, 3).matmul(torch.zeros(2, 3)));
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", failure.Message, StringComparison.Ordinal);
    }
}
