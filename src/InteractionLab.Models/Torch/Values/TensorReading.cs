using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Values;

/// <summary>Tensors as arrays.</summary>
internal static class TensorReading
{
    /// <summary>The elements in row-major order, which are of the array's type; a tensor of no elements gives none.</summary>
    public static T[] Elements<T>(this Tensor tensor)
        where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, T>(tensor.detach().cpu().contiguous().bytes).ToArray();
    }

    /// <summary>As <see cref="Elements{T}"/>, in double whatever the tensor's type is.</summary>
    public static double[] Reals(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().type(ScalarType.Float64).Elements<double>();
    }
}
