using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Arrays;

/// <summary>An array in C order.</summary>
/// <param name="Shape">Dimensions.</param>
/// <param name="Values">Elements, the last axis fastest.</param>
public sealed record NpyArray<T>(IReadOnlyList<long> Shape, T[] Values)
    where T : unmanaged;

/// <summary>
/// Reads a NumPy <c>.npz</c> that may come from anyone: sizes are checked against real bytes. Not safe for use by
/// several threads at once.
/// </summary>
public sealed class NpzReader : IDisposable
{
    private const string Extension = ".npy";
    private readonly Stream _file;
    private readonly ZipSource _zip;
    private readonly Dictionary<string, ZipMember> _members = new(StringComparer.Ordinal);

    /// <summary>Opens a file; the reader owns <paramref name="file"/>, which must be seekable.</summary>
    /// <param name="file">The npz.</param>
    /// <param name="maxEntries">The most arrays it may hold.</param>
    /// <param name="maxUnpackedBytes">The most bytes that may be unpacked over the reader's life.</param>
    /// <exception cref="InvalidDataException">Not an npz.</exception>
    public NpzReader(Stream file, int maxEntries = 10_000, long maxUnpackedBytes = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
        try
        {
            _zip = new ZipSource(file, maxEntries, new UnpackBudget(maxUnpackedBytes));
            foreach (var member in _zip.Members)
            {
                if (!member.Name.EndsWith(Extension, StringComparison.Ordinal) || member.IsSpecial)
                {
                    throw new InvalidDataException($"it holds '{Printable.Text(member.Name)}', which is not an .npy array");
                }

                _members.Add(member.Name[..^Extension.Length], member);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Names of the arrays, without <c>.npy</c>, in file order.</summary>
    public IReadOnlyCollection<string> Names => _members.Keys;

    /// <summary>Reads an array whose elements are exactly of type <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidDataException">Another type, damaged, or larger than an array in memory may be.</exception>
    /// <exception cref="KeyNotFoundException">No array of that name.</exception>
    public NpyArray<T> Read<T>(string name)
        where T : unmanaged
    {
        using var stream = OpenArray(name, out var header);
        return header.Type == NpyTypes.Of<T>()
            ? new NpyArray<T>(header.Shape, ReadAll<T>(stream, header))
            : throw new InvalidDataException($"'{name}' holds {header.Type.Descr()}, not {NpyTypes.Of<T>().Descr()}");
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    /// <summary>Opens an array at its first element.</summary>
    internal Stream OpenArray(string name, out NpyHeader header)
    {
        var stream = _zip.Open(_members[name]);
        try
        {
            header = NpyHeader.Read(stream);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads every element and turns Fortran order into C order.</summary>
    internal static T[] ReadAll<T>(Stream stream, NpyHeader header)
        where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        if (header.Count > Array.MaxLength / size)
        {
            throw new InvalidDataException("the array is too large to be read at once");
        }

        var values = MemoryMarshal.Cast<byte, T>(ReadGrowing(stream, (int)header.Count * size)).ToArray();
        if (stream.ReadByte() >= 0)
        {
            throw new InvalidDataException("bytes follow the array's last element");
        }

        return header.FortranOrder ? ToRowMajor(values, header.Shape) : values;
    }

    /// <summary>Reads <paramref name="length"/> bytes; memory grows only as bytes really arrive.</summary>
    private static byte[] ReadGrowing(Stream stream, int length)
    {
        const int FirstStep = 1 << 20;
        var buffer = new byte[Math.Min(length, FirstStep)];
        for (var filled = 0; filled < length;)
        {
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(length, 2L * buffer.Length));
            }

            var got = stream.Read(buffer.AsSpan(filled));
            if (got == 0)
            {
                throw new InvalidDataException("the array ends before its last element");
            }

            filled += got;
        }

        return buffer;
    }

    private static T[] ToRowMajor<T>(T[] source, IReadOnlyList<long> shape)
    {
        var target = new T[source.Length];
        var strides = new long[shape.Count];
        for (var (axis, stride) = (0, 1L); axis < shape.Count; stride *= shape[axis], axis++)
        {
            strides[axis] = stride;
        }

        var index = new long[shape.Count];
        long from = 0;
        for (var to = 0; to < target.Length; to++)
        {
            target[to] = source[from];
            for (var axis = shape.Count - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                from -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }

        return target;
    }
}
