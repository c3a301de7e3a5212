using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>A number beside tensors: an integer, a floating-point number or a flag.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(torch.ScalarType type, Tag tag, long bits)
    {
        Type = type;
        Tag = tag;
        Bits = bits;
    }

    public torch.ScalarType Type { get; }

    internal Tag Tag { get; }

    internal long Bits { get; }

    internal double Real => Tag == Tag.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long Integer => Tag == Tag.Double ? (long)BitConverter.Int64BitsToDouble(Bits) : Bits;

    public static implicit operator Scalar(byte value) => new(torch.ScalarType.Byte, Tag.Int, value);
    public static implicit operator Scalar(sbyte value) => new(torch.ScalarType.Int8, Tag.Int, value);
    public static implicit operator Scalar(short value) => new(torch.ScalarType.Int16, Tag.Int, value);
    public static implicit operator Scalar(int value) => new(torch.ScalarType.Int32, Tag.Int, value);
    public static implicit operator Scalar(long value) => new(torch.ScalarType.Int64, Tag.Int, value);
    public static implicit operator Scalar(float value) => new(torch.ScalarType.Float32, Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Scalar(double value) => new(torch.ScalarType.Float64, Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, Tag.Bool, value ? 1 : 0);

    /// <summary>Nothing to release; TorchSharp's scalars are disposable, so these are.</summary>
    public void Dispose()
    {
    }
}

/// <summary>Conversions to and from <see cref="Scalar"/>.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;

    public static Scalar ToScalar(this sbyte value) => value;

    public static Scalar ToScalar(this short value) => value;

    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this double value) => value;

    public static Scalar ToScalar(this bool value) => value;

    public static float ToSingle(this Scalar value) => (float)value.Real;

    public static double ToDouble(this Scalar value) => value.Real;

    public static int ToInt32(this Scalar value) => (int)value.Integer;

    public static long ToInt64(this Scalar value) => value.Integer;

    public static short ToInt16(this Scalar value) => (short)value.Integer;

    public static sbyte ToSByte(this Scalar value) => (sbyte)value.Integer;

    public static byte ToByte(this Scalar value) => (byte)value.Integer;

    public static bool ToBoolean(this Scalar value) => value.Bits != 0;
}
