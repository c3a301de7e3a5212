using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace InteractionLab.Experiments.Cells;

/// <summary>
/// The bytes of a finished cell: a header that says what it is, then arrays of doubles, then a checksum. The same
/// content gives the same bytes. Layout, little-endian: 8 bytes <c>ILCELL01</c>; int32 length of the header; the header,
/// JSON <c>{"content": ..., "arrays": [{"name", "length", "zero"}]}</c>; the arrays, 8 bytes a value, in that order (an
/// array of zeros is not stored); SHA-256 of everything before it.
/// </summary>
internal static class CellFile
{
    private const int LargestHeader = 1 << 24;
    private const int LargestArray = 1 << 26;
    private static readonly byte[] Magic = "ILCELL01"u8.ToArray();

    /// <summary>Encodes a cell.</summary>
    public static byte[] Write<T>(T content, params IReadOnlyList<(string Name, double[] Values)> arrays)
    {
        var directory = arrays.Select(array => new ArrayEntry(array.Name, array.Values.Length, !array.Values.AsSpan().ContainsAnyExcept(0.0))).ToArray();
        var header = JsonSerializer.SerializeToUtf8Bytes(new Header<T>(content, directory), LabJson.Options);
        using var stream = new MemoryStream();
        stream.Write(Magic);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        for (var i = 0; i < arrays.Count; i++)
        {
            if (!directory[i].Zero)
            {
                stream.Write(ToBytes(arrays[i].Values));
            }
        }

        stream.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>Reads the header alone; the checksum is not looked at.</summary>
    /// <exception cref="InvalidDataException">Not a cell.</exception>
    public static T ReadContent<T>(Stream stream) => ReadHeader<T>(stream, hash: null).Content;

    /// <summary>Reads a whole cell and checks it.</summary>
    /// <exception cref="InvalidDataException">Not a cell, cut short, or changed.</exception>
    public static (T Content, IReadOnlyDictionary<string, double[]> Arrays) Read<T>(Stream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = ReadHeader<T>(stream, hash);
        var arrays = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var entry in header.Arrays)
        {
            if (entry is not { Name: not null, Length: >= 0 and <= LargestArray } || (stream.CanSeek && !entry.Zero && stream.Length - stream.Position < (long)entry.Length * sizeof(double)))
            {
                throw new InvalidDataException("The cell names an array that it cannot hold.");
            }

            var values = new double[entry.Length];
            if (!entry.Zero)
            {
                var bytes = MemoryMarshal.AsBytes(values.AsSpan());
                Fill(stream, bytes, hash);
                if (!BitConverter.IsLittleEndian)
                {
                    var bits = MemoryMarshal.Cast<double, long>(values.AsSpan());
                    BinaryPrimitives.ReverseEndianness(bits, bits);
                }
            }

            arrays[entry.Name] = values;
        }

        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        Fill(stream, expected, hash: null);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(expected)
            ? (header.Content, arrays)
            : throw new InvalidDataException("The cell's checksum does not match its content.");
    }

    /// <summary>Reads, and says which cell it was when that fails.</summary>
    public static T Named<T>(int cell, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"Cell {cell} is damaged. {exception.Message}", exception);
        }
    }

    private static Header<T> ReadHeader<T>(Stream stream, IncrementalHash? hash)
    {
        Span<byte> start = stackalloc byte[12];
        Fill(stream, start, hash);
        var length = BinaryPrimitives.ReadInt32LittleEndian(start[8..]);
        if (!start[..8].SequenceEqual(Magic) || length is < 2 or > LargestHeader)
        {
            throw new InvalidDataException("These bytes are not a cell.");
        }

        var bytes = new byte[length];
        Fill(stream, bytes, hash);
        try
        {
            var header = JsonSerializer.Deserialize<Header<T>>(bytes, LabJson.Options);
            return header is { Content: not null, Arrays: not null } ? header : throw new InvalidDataException("The cell's header is empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("The cell's header cannot be read.", exception);
        }
    }

    private static void Fill(Stream stream, Span<byte> bytes, IncrementalHash? hash)
    {
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException("The cell is cut short.", exception);
        }

        hash?.AppendData(bytes);
    }

    private static ReadOnlySpan<byte> ToBytes(double[] values)
    {
        if (BitConverter.IsLittleEndian)
        {
            return MemoryMarshal.AsBytes(values.AsSpan());
        }

        var swapped = new long[values.Length];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<double, long>(values.AsSpan()), swapped);
        return MemoryMarshal.AsBytes(swapped.AsSpan());
    }

    private sealed record Header<T>(T Content, IReadOnlyList<ArrayEntry> Arrays);

    private sealed record ArrayEntry(string Name, int Length, bool Zero);
}
