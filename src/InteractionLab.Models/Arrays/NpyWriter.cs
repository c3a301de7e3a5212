using System.Runtime.InteropServices;

namespace InteractionLab.Models.Arrays;

/// <summary>Writes one NumPy array, piece by piece, in C order, to a stream that need not be seekable.</summary>
/// <typeparam name="T">bool, byte, sbyte, short, ushort, int, uint, long, ulong, Half, float or double.</typeparam>
public sealed class NpyWriter<T>
    where T : unmanaged
{
    private readonly Stream _output;
    private readonly long _count;
    private long _written;

    /// <summary>Writes the header of an array of <paramref name="shape"/>; the caller keeps <paramref name="output"/>.</summary>
    public NpyWriter(Stream output, params ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(output);
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
        }

        var header = new NpyHeader(NpyTypes.Of<T>(), false, shape.ToArray());
        _count = header.Count;
        _output = output;
        _output.Write(header.ToBytes());
    }

    /// <summary>Whether every element of the announced shape has been written.</summary>
    public bool IsComplete => _written == _count;

    /// <summary>Appends elements in C order (the last axis fastest): a row, several, or part of one.</summary>
    /// <exception cref="InvalidOperationException">More elements than the shape holds.</exception>
    public void Write(ReadOnlySpan<T> values)
    {
        if (values.Length > _count - _written)
        {
            throw new InvalidOperationException($"The array holds {_count} elements; {_written + values.Length} were given.");
        }

        _output.Write(MemoryMarshal.AsBytes(values));
        _written += values.Length;
    }

    /// <summary>Checks that the array is whole.</summary>
    /// <exception cref="InvalidOperationException">Fewer elements were written than the shape holds.</exception>
    public void Complete()
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException($"The array holds {_count} elements; only {_written} were written.");
        }
    }
}
