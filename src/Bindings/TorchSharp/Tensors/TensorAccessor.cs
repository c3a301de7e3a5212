using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a CPU tensor in the order of its indices, whatever its strides. Keeps the tensor from the garbage collector.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly torch.Tensor _tensor;
    private readonly T* _data;
    private readonly bool _contiguous;
    private readonly long[] _shape;
    private readonly long[] _strides;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (!tensor.is_cpu())
        {
            throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        _tensor = tensor;
        _contiguous = tensor.is_contiguous();
        _shape = tensor.shape;
        _strides = tensor.stride();
        _data = (T*)tensor.DataPointer();
        Count = tensor.numel();
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => _data[Offset(indices)];
        set => _data[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var copy = new T[Count];
        CopyTo(copy);
        return copy;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies elements from <paramref name="tensorIndex"/> on, as many as there is room for.</summary>
    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var wanted = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        var destination = array.Slice(arrayIndex, Math.Max(wanted, 0));
        if (_contiguous)
        {
            new ReadOnlySpan<T>(_data + tensorIndex, destination.Length).CopyTo(destination);
        }
        else
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = _data[Translate(tensorIndex + i)];
            }
        }

        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    /// <summary>Writes elements from <paramref name="tensorIndex"/> on, as many as fit.</summary>
    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var wanted = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        for (var i = 0; i < wanted; i++)
        {
            _data[Translate(tensorIndex + i)] = array[arrayIndex + i];
        }

        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++)
        {
            yield return At(i);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
    }

    private T At(long index)
    {
        ObjectDisposedException.ThrowIf(_tensor.IsInvalid, _tensor);
        return _data[Translate(index)];
    }

    private long Offset(long[] indices)
    {
        ObjectDisposedException.ThrowIf(_tensor.IsInvalid, _tensor);
        if (indices.Length == 1)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(indices[0]);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(indices[0], Count);
            return Translate(indices[0]);
        }

        long offset = 0;
        for (var i = 0; i < _shape.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= _shape[i])
            {
                throw new IndexOutOfRangeException($"{indices[i]} is not in 0..{_shape[i] - 1}, dimension {i}.");
            }

            offset += indices[i] * _strides[i];
        }

        return offset;
    }

    private long Translate(long index)
    {
        if (_contiguous)
        {
            return index;
        }

        long offset = 0;
        for (var i = _shape.Length - 1; i >= 0; i--)
        {
            index = Math.DivRem(index, _shape[i], out var along);
            offset += along * _strides[i];
        }

        return offset;
    }
}
