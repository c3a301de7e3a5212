using static TorchSharp.torch;

namespace Bindings.TorchSharp.Tests;

/// <summary>Elements go in and come out unchanged, whatever their type, shape and strides.</summary>
public sealed class ElementTests : TorchTest
{
    [Fact]
    public void Every_type_makes_the_round_trip()
    {
        Assert.Equal([1, 255], torch.tensor(new byte[] { 1, 255 }).data<byte>().ToArray());
        Assert.Equal([-128, 127], torch.tensor(new sbyte[] { -128, 127 }).data<sbyte>().ToArray());
        Assert.Equal([short.MinValue, 7], torch.tensor(new short[] { short.MinValue, 7 }).data<short>().ToArray());
        Assert.Equal([int.MinValue, 7], torch.tensor(new int[] { int.MinValue, 7 }).data<int>().ToArray());
        Assert.Equal([long.MinValue, 7], torch.tensor(new long[] { long.MinValue, 7 }).data<long>().ToArray());
        Assert.Equal([float.Epsilon, 7], torch.tensor(new float[] { float.Epsilon, 7 }).data<float>().ToArray());
        Assert.Equal([double.Epsilon, 7], torch.tensor(new double[] { double.Epsilon, 7 }).data<double>().ToArray());
        Assert.Equal([true, false], torch.tensor(new bool[] { true, false }).data<bool>().ToArray());
        Assert.Equal([(Half)0.5, (Half)3], torch.from_array(new Half[] { (Half)0.5, (Half)3 }).data<Half>().ToArray());
        Assert.Equal(ScalarType.BFloat16, torch.ones(1, ScalarType.BFloat16).dtype);
        Assert.Equal(3.0, torch.full(1, 3, ScalarType.BFloat16).ToDouble());
    }

    [Fact]
    public void Scalars_have_no_dimensions_and_the_type_they_were_given_as()
    {
        Assert.Equal((0, ScalarType.Int64), (torch.tensor(7L).ndim, torch.tensor(7L).dtype));
        Assert.Equal((ScalarType.Int32, ScalarType.Float32, ScalarType.Bool), (torch.tensor(7).dtype, torch.tensor(7f).dtype, torch.tensor(true).dtype));
        Assert.Equal(7, torch.tensor(7).item<int>());
        Assert.Equal(7.5, (double)torch.tensor(7.5f));
        Assert.Throws<ArgumentException>(() => torch.tensor(7).item<float>());
        Assert.Throws<ArgumentException>(() => torch.ones(2).item<float>());
    }

    [Fact]
    public void Arrays_of_several_dimensions_keep_their_shape()
    {
        var made = torch.from_array(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal([2L, 3], made.shape);
        Assert.Equal(6f, made[1, 2].item<float>());
        Assert.Equal([1f, 4, 2, 5, 3, 6], made.transpose(0, 1).data<float>().ToArray());
        Assert.Equal(2f, made.data<float>()[0, 1]);
        Assert.Equal([2L, 2], torch.tensor(new int[] { 1, 2, 3, 4 }, [2, 2]).shape);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => torch.tensor(new int[] { 1, 2, 3 }, [2, 2]));
    }

    [Fact]
    public void A_type_asked_for_is_converted_to()
    {
        var made = torch.tensor(new long[] { 1, 0 }, ScalarType.Bool);
        Assert.Equal([true, false], made.data<bool>().ToArray());
        Assert.Equal(ScalarType.Float64, torch.zeros(2, dtype: ScalarType.Float64).dtype);
        Assert.Equal([1L, 2, 3], torch.tensor(new double[] { 1.9, 2.1, 3 }).@long().data<long>().ToArray());
        Assert.Equal(ScalarType.Float64, promote_types(ScalarType.Int64, ScalarType.Float64));
        Assert.Equal(ScalarType.Int64, torch.full(2, 1).dtype);
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        var made = torch.zeros(2);
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(made.bytes)[1] = 5;
        Assert.Equal([0f, 5], made.data<float>().ToArray());
        made.bytes = new byte[8];
        Assert.Equal([0f, 0], made.data<float>().ToArray());
        made.data<float>().CopyFrom(new float[] { 8, 9 });
        Assert.Equal([8f, 9], made.data<float>().ToArray());
        Assert.Throws<ArgumentException>(() => made.bytes = new byte[4]);
        Assert.Throws<InvalidOperationException>(() => torch.zeros(2, 2).transpose(0, 1).bytes.Length);
        Assert.Throws<ArgumentException>(() => made.data<int>());
    }

    [Fact]
    public void Empty_tensors_are_tensors()
    {
        var none = torch.tensor(Array.Empty<float>());
        Assert.Equal([0L], none.shape);
        Assert.Empty(none.data<float>().ToArray());
        Assert.Equal(0, none.bytes.Length);
    }

    [Fact]
    public void Indices_pick_as_in_Python()
    {
        var a = arange(24, ScalarType.Int64).reshape(2, 3, 4);
        Assert.Equal([12L, 13, 14, 15], a[1, 0].data<long>().ToArray());
        Assert.Equal(23L, a[-1, -1, -1].item<long>());
        Assert.Equal([4L, 6, 16, 18], a[TensorIndex.Colon, 1, TensorIndex.Slice(step: 2)].reshape(-1).data<long>().ToArray());
        Assert.Equal([3L, 7, 11, 15, 19, 23], a[TensorIndex.Ellipsis, -1].reshape(-1).data<long>().ToArray());
        Assert.Equal([1L, 3, 4], a[TensorIndex.None, 0].shape);
        Assert.Equal([3L, 1], a[0, TensorIndex.Ellipsis, TensorIndex.Slice(stop: 1)].shape);
        Assert.Equal([1L, 2], a[0, 0, 1..^1].data<long>().ToArray());
        Assert.Equal([20L, 8], a[torch.tensor(new long[] { 1, 0 }), torch.tensor(new long[] { 2, 2 }), TensorIndex.Single(0)].data<long>().ToArray());
        Assert.Equal([22L, 23], a[a > 21].data<long>().ToArray());
        Assert.Equal([2L, 1, 4], a[TensorIndex.Colon, TensorIndex.Tensor(torch.tensor(new long[] { 1 }))].shape);
    }

    [Fact]
    public void Assignments_through_indices_change_the_tensor()
    {
        var a = torch.zeros(2, 3);
        a[0] = torch.ones(3);
        a[1, 2] = 5f;
        a[TensorIndex.Colon, 0] = 7f;
        Assert.Equal([7f, 1, 1, 7, 0, 5], a.data<float>().ToArray());
        a[a > 4] = torch.tensor(0f);
        Assert.Equal([0f, 1, 1, 0, 0, 0], a.data<float>().ToArray());
        a.index_put_(torch.tensor(9f), torch.tensor(new long[] { 1 }), torch.tensor(new long[] { 1 }));
        Assert.Equal(9f, a[1, 1].item<float>());
    }
}
