using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using InteractionLab.Testing;
using TorchSharp.Interop;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Bindings.TorchSharp.Tests;

/// <summary>Operators reach libtorch with their arguments in order, and its complaints come back.</summary>
public sealed partial class OperatorTests : TorchTest
{
    [Fact]
    public void A_sum_of_tensors_is_the_sum_of_their_elements()
    {
        var sum = torch.tensor(new float[] { 1, 2, 3 }) + torch.tensor(new float[] { 10, 20, 30 }) * 2.0;
        Assert.Equal([21f, 42f, 63f], sum.data<float>().ToArray());
    }

    [Fact]
    public void A_wrong_shape_throws_with_the_words_of_libtorch()
    {
        var failure = Assert.Throws<ExternalException>(() => torch.zeros(2, 3).matmul(torch.zeros(2, 3)));
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_that_does_not_exist_is_named()
    {
        var failure = Assert.Throws<ExternalException>(() => Aten.Call("no_such_operator.Tensor", zeros(1)));
        Assert.Contains("aten::no_such_operator", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_that_are_too_many_or_missing_are_refused()
    {
        Assert.Contains("takes 1 arguments and was given 2", Assert.Throws<ExternalException>(() => Aten.Call("relu", zeros(1), 3)).Message, StringComparison.Ordinal);
        Assert.Contains("needs the argument dim", Assert.Throws<ExternalException>(() => Aten.Call("softmax.int", zeros(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_operator_that_the_binding_names_is_in_the_libtorch_at_hand()
    {
        var root = Repository.Root;
        var sources = Directory.EnumerateFiles(Path.Combine(root, "src", "Bindings", "TorchSharp"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        var names = sources.SelectMany(file => Calls().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).Distinct().ToArray();
        Assert.True(names.Length > 300, $"Only {names.Length} operators were found in the sources.");
        Assert.All(names, name => Assert.NotEqual(0, Aten.Find(name)));
    }

    [Fact]
    public void A_list_longer_than_the_stack_buffer_passes()
    {
        var parts = Enumerable.Range(0, 1000).Select(i => torch.tensor(new float[] { i })).ToArray();
        var all = cat(parts).data<float>().ToArray();
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (float)i), all);
    }

    [Fact]
    public void Numbers_on_the_left_of_operators_keep_their_side()
    {
        var x = torch.tensor(new double[] { 1, 2, 4 });
        Assert.Equal([9.0, 8, 6], (10.0 - x).data<double>().ToArray());
        Assert.Equal([8.0, 4, 2], (8.0 / x).data<double>().ToArray());
        Assert.Equal([true, false, false], (2.0 > x).data<bool>().ToArray());
        Assert.Equal([1.0, 0, 1], (x % 3.0).data<double>().ToArray().Select(value => value % 2).ToArray());
    }

    [Fact]
    public void Layers_agree_with_their_definitions()
    {
        var image = arange(16, ScalarType.Float32).reshape(1, 1, 4, 4);
        Assert.Equal([5f, 7, 13, 15], F.max_pool2d(image, [2, 2]).reshape(-1).data<float>().ToArray());
        Assert.Equal([2.5f, 4.5f, 10.5f, 12.5f], F.avg_pool2d(image, [2, 2]).reshape(-1).data<float>().ToArray());
        Assert.Equal([45f, 54, 81, 90], F.conv2d(image, torch.ones(1, 1, 3, 3)).reshape(-1).data<float>().ToArray());
        Assert.Equal([7.5f], F.adaptive_avg_pool2d(image, 1).reshape(-1).data<float>().ToArray());
        var scattered = F.conv_transpose2d(torch.ones(1, 1, 1, 1), image);
        Assert.True(scattered.allclose(image));
        var normal = F.layer_norm(image, [4, 4], eps: 0);
        Assert.Equal(0.0, normal.mean().ToDouble(), 1e-6);
        Assert.Equal(1.0, normal.var(unbiased: false).ToDouble(), 1e-5);
        var padded = F.pad(torch.ones(1, 2), [1, 0], value: 7);
        Assert.Equal([7f, 1, 1], padded.reshape(-1).data<float>().ToArray());
        Assert.Equal(Math.Log(4), F.cross_entropy(torch.zeros(3, 4), torch.tensor(new long[] { 0, 1, 2 })).ToDouble(), 1e-6);
    }

    [Fact]
    public void Einstein_sums_sorts_and_picks_agree_with_their_definitions()
    {
        var a = arange(6, ScalarType.Float64).reshape(2, 3);
        var product = einsum("ij,kj->ik", a, a);
        Assert.Equal([5.0, 14, 14, 50], product.reshape(-1).data<double>().ToArray());
        var (values, places) = torch.tensor(new double[] { 3, 1, 2 }).topk(2);
        Assert.Equal([3.0, 2], values.data<double>().ToArray());
        Assert.Equal([0L, 2], places.data<long>().ToArray());
        Assert.Equal([1.0, 4], a.gather(1, torch.tensor(new long[] { 1, 1 }, [2, 1])).reshape(-1).data<double>().ToArray());
        Assert.Equal([3.0, 4, 5, 0, 1, 2], a.index_select(0, torch.tensor(new long[] { 1, 0 })).reshape(-1).data<double>().ToArray());
        Assert.Equal([3, 2], cat([a, a]).split([3, 1], 0).Select(part => (int)part.ndim + (part.shape[0] == 3 ? 1 : 0)));
        Assert.Equal([0.0, 1, 3], a[0].cumsum(0).data<double>().ToArray());
    }

    [GeneratedRegex("Aten\\.\\w+\\(\\s*\"([\\w.]+)\"")]
    private static partial Regex Calls();
}
