using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Arithmetic of small arrays on the host, as torch would do it.</summary>
internal static class HostMath
{
    /// <summary>Applies a function to each element; the type stays.</summary>
    public static HostFunction Map(Func<long, long>? integers, Func<double, double>? reals) => inputs =>
    {
        var x = inputs[0]!;
        if (x.IsReal)
        {
            return reals is null ? null : [HostArray.Reals(x.Type, x.Shape, Array.ConvertAll(x.ToReals(), value => reals(value)))];
        }

        return integers is null || x.Type == ScalarType.Bool ? null : [HostArray.Integers(x.Type, x.Shape, Array.ConvertAll(x.ToIntegers(), value => integers(value)))];
    };

    /// <summary>Applies a function to pairs of elements, broadcasting; the type stays.</summary>
    public static HostFunction Combine(Func<long, long, long> integers, Func<double, double, double> reals) => inputs =>
    {
        var result = inputs[0]!;
        for (var i = 1; i < inputs.Length; i++)
        {
            if (Combine(result, inputs[i]!, integers, reals) is not { } next)
            {
                return null;
            }

            result = next;
        }

        return inputs.Length == 1 ? [result.WithShape(result.Shape)] : [result];
    };

    /// <summary>Compares pairs of elements, broadcasting.</summary>
    public static HostFunction Compare(Func<double, double, bool> test) => inputs =>
    {
        var (x, y) = (inputs[0]!, inputs[1]!);
        if (Broadcast(x.Shape, y.Shape) is not { } shape || Elements(shape) > HostArray.MaxElements)
        {
            return null;
        }

        var (left, right) = (Places(x.Shape, shape), Places(y.Shape, shape));
        var values = new long[left.Length];
        for (var i = 0; i < values.Length; i++)
        {
            // Integers beyond 2^53 would be confused; shapes are smaller.
            values[i] = test(x.Real(left[i]), y.Real(right[i])) ? 1 : 0;
        }

        return [HostArray.Integers(ScalarType.Bool, shape, values)];
    };

    /// <summary>The shape two shapes broadcast to, or null.</summary>
    public static long[]? Broadcast(long[] x, long[] y)
    {
        var shape = new long[Math.Max(x.Length, y.Length)];
        for (var i = 1; i <= shape.Length; i++)
        {
            var (a, b) = (i <= x.Length ? x[^i] : 1, i <= y.Length ? y[^i] : 1);
            if (a != b && a != 1 && b != 1)
            {
                return null;
            }

            shape[^i] = a == 1 ? b : a;
        }

        return shape;
    }

    /// <summary>For each element of <paramref name="target"/> the place it comes from in an array of <paramref name="shape"/>.</summary>
    public static int[] Places(long[] shape, long[] target)
    {
        var places = new int[Elements(target)];
        var strides = new long[target.Length];
        long stride = 1;
        for (var i = 1; i <= shape.Length; i++)
        {
            strides[^i] = shape[^i] == 1 ? 0 : stride;
            stride *= shape[^i];
        }

        for (var i = 0; i < places.Length; i++)
        {
            long rest = i;
            long place = 0;
            for (var axis = target.Length - 1; axis >= 0; axis--)
            {
                place += rest % target[axis] * strides[axis];
                rest /= target[axis];
            }

            places[i] = (int)place;
        }

        return places;
    }

    public static long Elements(long[] shape)
    {
        long count = 1;
        foreach (var size in shape)
        {
            count = checked(count * size);
        }

        return count;
    }

    private static HostArray? Combine(HostArray x, HostArray y, Func<long, long, long> integers, Func<double, double, double> reals)
    {
        if (x.Type != y.Type || x.Type == ScalarType.Bool || Broadcast(x.Shape, y.Shape) is not { } shape || Elements(shape) > HostArray.MaxElements)
        {
            return null;
        }

        var (left, right) = (Places(x.Shape, shape), Places(y.Shape, shape));
        if (x.IsReal)
        {
            var values = new double[left.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = reals(x.Real(left[i]), y.Real(right[i]));
            }

            return HostArray.Reals(x.Type, shape, values);
        }

        var whole = new long[left.Length];
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] = integers(x.Integer(left[i]), y.Integer(right[i]));
        }

        return HostArray.Integers(x.Type, shape, whole);
    }
}
