namespace TorchSharp;

/// <summary>Conversions of tensors with one element to numbers.</summary>
public static class TensorExtensionMethods
{
    public static byte ToByte(this torch.Tensor value) => (byte)value;

    public static sbyte ToSByte(this torch.Tensor value) => (sbyte)value;

    public static short ToInt16(this torch.Tensor value) => (short)value;

    public static int ToInt32(this torch.Tensor value) => (int)value;

    public static long ToInt64(this torch.Tensor value) => (long)value;

    public static float ToSingle(this torch.Tensor value) => (float)value;

    public static double ToDouble(this torch.Tensor value) => (double)value;

    public static bool ToBoolean(this torch.Tensor value) => (bool)value;

    public static Modules.Parameter AsParameter(this torch.Tensor tensor) => new(tensor);
}
