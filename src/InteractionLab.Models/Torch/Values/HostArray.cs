using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Values;

/// <summary>
/// A small array kept outside torch: shapes, axes, indices and scalars, so that the arithmetic of shapes never waits for a
/// device. Immutable; callers must not write to the arrays they are given.
/// </summary>
internal sealed class HostArray
{
    /// <summary>Larger arrays are data, not shapes.</summary>
    public const int MaxElements = 4096;

    private readonly long[]? integers;
    private readonly double[]? reals;

    private HostArray(ScalarType type, long[] shape, long[]? integers, double[]? reals)
    {
        Type = type;
        Shape = shape;
        this.integers = integers;
        this.reals = reals;
    }

    public ScalarType Type { get; }

    public long[] Shape { get; }

    public bool IsReal => reals is not null;

    public int Count => integers?.Length ?? reals!.Length;

    /// <summary>An int64 vector.</summary>
    public static HostArray Vector(params long[] values) => new(ScalarType.Int64, [values.Length], values, null);

    /// <summary>An int64 scalar.</summary>
    public static HostArray Scalar(long value) => new(ScalarType.Int64, [], [value], null);

    /// <summary>Integers or truth values (0 and 1), wrapped to their type.</summary>
    public static HostArray Integers(ScalarType type, long[] shape, long[] values)
    {
        for (var i = 0; i < values.Length && type != ScalarType.Int64; i++)
        {
            values[i] = type switch
            {
                ScalarType.Bool => values[i] != 0 ? 1 : 0,
                ScalarType.Int32 => unchecked((int)values[i]),
                ScalarType.Int16 => unchecked((short)values[i]),
                ScalarType.Int8 => unchecked((sbyte)values[i]),
                ScalarType.Byte => unchecked((byte)values[i]),
                _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an integer type."),
            };
        }

        return new HostArray(type, shape, values, null);
    }

    /// <summary>Real numbers, rounded to their type.</summary>
    public static HostArray Reals(ScalarType type, long[] shape, double[] values)
    {
        for (var i = 0; i < values.Length && type == ScalarType.Float32; i++)
        {
            values[i] = (float)values[i];
        }

        return new HostArray(type, shape, null, values);
    }

    /// <summary>The same numbers under another shape of as many elements.</summary>
    public HostArray WithShape(long[] shape) => new(Type, shape, integers, reals);

    public long Integer(int i) => integers is null ? (long)reals![i] : integers[i];

    public double Real(int i) => integers is null ? reals![i] : integers[i];

    /// <summary>All elements as integers.</summary>
    public long[] ToIntegers() => integers ?? Array.ConvertAll(reals!, value => (long)value);

    /// <summary>All elements as real numbers.</summary>
    public double[] ToReals() => reals ?? Array.ConvertAll(integers!, value => (double)value);

    /// <summary>The elements at <paramref name="places"/>.</summary>
    public HostArray Take(long[] shape, int[] places) => integers is null
        ? new HostArray(Type, shape, null, Array.ConvertAll(places, i => reals![i]))
        : new HostArray(Type, shape, Array.ConvertAll(places, i => integers[i]), null);

    /// <summary>A tensor of the same type and shape, in no dispose scope.</summary>
    public Tensor ToTensor(Device device) =>
        (integers is null ? tensor(reals!, Shape, Type, device) : tensor(integers, Shape, Type, device)).DetachFromDisposeScope();
}
