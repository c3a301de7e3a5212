using System.Runtime.CompilerServices;

namespace InteractionLab.Models.Arrays;

/// <summary>Element types of a NumPy array that the lab reads and writes, little-endian.</summary>
public enum NpyType
{
    /// <summary><c>|b1</c>, one byte, 0 or 1.</summary>
    Bool,

    /// <summary><c>|u1</c>.</summary>
    U1,

    /// <summary><c>|i1</c>.</summary>
    I1,

    /// <summary><c>&lt;u2</c>.</summary>
    U2,

    /// <summary><c>&lt;i2</c>.</summary>
    I2,

    /// <summary><c>&lt;u4</c>.</summary>
    U4,

    /// <summary><c>&lt;i4</c>.</summary>
    I4,

    /// <summary><c>&lt;u8</c>.</summary>
    U8,

    /// <summary><c>&lt;i8</c>.</summary>
    I8,

    /// <summary><c>&lt;f2</c>.</summary>
    F2,

    /// <summary><c>&lt;f4</c>.</summary>
    F4,

    /// <summary><c>&lt;f8</c>.</summary>
    F8,
}

/// <summary>Names, sizes and CLR types of <see cref="NpyType"/>.</summary>
internal static class NpyTypes
{
    private static readonly (NpyType Type, string Descr, int Size, Type Clr)[] All =
    [
        (NpyType.Bool, "|b1", 1, typeof(bool)),
        (NpyType.U1, "|u1", 1, typeof(byte)),
        (NpyType.I1, "|i1", 1, typeof(sbyte)),
        (NpyType.U2, "<u2", 2, typeof(ushort)),
        (NpyType.I2, "<i2", 2, typeof(short)),
        (NpyType.U4, "<u4", 4, typeof(uint)),
        (NpyType.I4, "<i4", 4, typeof(int)),
        (NpyType.U8, "<u8", 8, typeof(ulong)),
        (NpyType.I8, "<i8", 8, typeof(long)),
        (NpyType.F2, "<f2", 2, typeof(Half)),
        (NpyType.F4, "<f4", 4, typeof(float)),
        (NpyType.F8, "<f8", 8, typeof(double)),
    ];

    public static string Descr(this NpyType type) => All[(int)type].Descr;

    public static int Size(this NpyType type) => All[(int)type].Size;

    public static NpyType Of<T>()
        where T : unmanaged
    {
        foreach (var entry in All)
        {
            if (entry.Clr == typeof(T))
            {
                return entry.Type;
            }
        }

        throw new NotSupportedException($"NumPy arrays of {typeof(T).Name} are not written here.");
    }

    /// <summary>Reads a <c>descr</c>; one-byte types may carry any byte-order mark.</summary>
    public static bool TryParse(string descr, out NpyType type)
    {
        foreach (var entry in All)
        {
            if (entry.Descr == descr || (descr.Length == 3 && descr[1..] == entry.Descr[1..] && (entry.Size == 1 || descr[0] == '=')))
            {
                type = entry.Type;
                return true;
            }
        }

        type = default;
        return false;
    }

    /// <summary>Element <paramref name="index"/> of little-endian <paramref name="bytes"/> as a double.</summary>
    public static double ToDouble(this NpyType type, ReadOnlySpan<byte> bytes, int index) => type switch
    {
        NpyType.Bool => bytes[index] != 0 ? 1 : 0,
        NpyType.U1 => bytes[index],
        NpyType.I1 => (sbyte)bytes[index],
        NpyType.U2 => At<ushort>(bytes, index),
        NpyType.I2 => At<short>(bytes, index),
        NpyType.U4 => At<uint>(bytes, index),
        NpyType.I4 => At<int>(bytes, index),
        NpyType.U8 => At<ulong>(bytes, index),
        NpyType.I8 => At<long>(bytes, index),
        NpyType.F2 => (double)At<Half>(bytes, index),
        NpyType.F4 => At<float>(bytes, index),
        _ => At<double>(bytes, index),
    };

    private static T At<T>(ReadOnlySpan<byte> bytes, int index)
        where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        return Unsafe.ReadUnaligned<T>(in bytes.Slice(index * size, size)[0]);
    }
}
