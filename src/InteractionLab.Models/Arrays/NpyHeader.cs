using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace InteractionLab.Models.Arrays;

/// <summary>The header of a NumPy <c>.npy</c> array (format versions 1, 2 and 3).</summary>
/// <param name="Type">Element type.</param>
/// <param name="FortranOrder">Whether the first axis varies fastest.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
public sealed record NpyHeader(NpyType Type, bool FortranOrder, IReadOnlyList<long> Shape)
{
    private const int LongestHeader = 1 << 16;
    private static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Number of elements. Never overflows: a header that claims more is refused when it is read.</summary>
    public long Count => Product(Shape);

    /// <summary>Bytes of the array after the header.</summary>
    public long ByteCount => checked(Count * Type.Size());

    /// <summary>Reads a header and leaves <paramref name="stream"/> at the first element.</summary>
    /// <exception cref="InvalidDataException">Not an npy array, or one of a kind that is not read here.</exception>
    public static NpyHeader Read(Stream stream)
    {
        Span<byte> start = stackalloc byte[8];
        Fill(stream, start);
        if (!start[..6].SequenceEqual(Magic))
        {
            throw new InvalidDataException("it does not begin like a NumPy array");
        }

        Span<byte> size = stackalloc byte[start[6] == 1 ? 2 : 4];
        if (start[6] is < 1 or > 3)
        {
            throw new InvalidDataException($"npy format version {start[6]} is not read here (1 to 3 are)");
        }

        Fill(stream, size);
        var length = size.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > LongestHeader)
        {
            throw new InvalidDataException("the npy header claims to be longer than 64 KiB");
        }

        var text = new byte[length];
        Fill(stream, text);
        return new NpyHeaderParser(Encoding.UTF8.GetString(text)).Parse();
    }

    /// <summary>The header as bytes (format version 1), padded so that the elements start at a multiple of 64.</summary>
    /// <param name="length">Total length to pad to: 0 for the shortest; a larger multiple of 64 keeps room to rewrite the shape in place.</param>
    public byte[] ToBytes(int length = 0)
    {
        var shape = string.Join(", ", Shape.Select(d => d.ToString(CultureInfo.InvariantCulture)));
        var text = $"{{'descr': '{Type.Descr()}', 'fortran_order': {(FortranOrder ? "True" : "False")}, 'shape': ({shape}{(Shape.Count == 1 ? "," : "")}), }}";
        var total = Math.Max(length, (10 + text.Length + 1 + 63) / 64 * 64);
        var bytes = new byte[total];
        Magic.CopyTo(bytes, 0);
        bytes[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), checked((ushort)(total - 10)));
        bytes.AsSpan(10).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, bytes.AsSpan(10));
        bytes[^1] = (byte)'\n';
        return bytes;
    }

    internal static long Product(IReadOnlyList<long> shape)
    {
        UInt128 product = 1;
        foreach (var d in shape)
        {
            // A later zero makes the whole array empty, so only the running product of the non-zero sizes is bounded.
            product *= (UInt128)Math.Max(d, 1);
            if (product > (UInt128)(long.MaxValue / 16))
            {
                throw new InvalidDataException($"an array of shape ({string.Join(", ", shape)}) is larger than any file");
            }
        }

        return shape.Contains(0L) ? 0 : (long)product;
    }

    private static void Fill(Stream stream, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw new InvalidDataException("it ends inside the npy header");
        }
    }
}
