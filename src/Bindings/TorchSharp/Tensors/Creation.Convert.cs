using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The tensor as that type on that device: an alias of it where it is so already.</summary>
    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null)
    {
        var type = dtype ?? data.dtype;
        var target = device ?? data.device;
        return type == data.dtype && target.type == data.device_type && (target.index < 0 || target.index == Math.Max(data.device_index, 0) || target.type == DeviceType.CPU)
            ? data.alias()
            : Aten.Call("_to_copy", data, type, Arg.None, target);
    }
}
