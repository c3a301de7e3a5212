using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>
/// Calls ATen operators by the name of their schema, "add.Tensor" or "relu": arguments in the schema's order, those
/// left out at the end take its defaults. Autograd records the calls as it does PyTorch's.
/// </summary>
internal static unsafe class Aten
{
    private const int StackWords = 256;

    private static readonly ConcurrentDictionary<string, nint> Operators = new(StringComparer.Ordinal);

    /// <summary>An operator with one tensor as its result.</summary>
    public static Tensor Call(string name, params ReadOnlySpan<Arg> arguments)
    {
        var result = default(Value);
        Invoke(name, arguments, &result, 1);
        return Tensor.Own((nint)result.Bits);
    }

    /// <summary>An operator that writes into its first argument, which is given back.</summary>
    public static Tensor InPlace(string name, params ReadOnlySpan<Arg> arguments)
    {
        Invoke(name, arguments, null, 0);
        return (Tensor)arguments[0].Reference!;
    }

    /// <summary>An operator whose results do not matter.</summary>
    public static void Do(string name, params ReadOnlySpan<Arg> arguments) => Invoke(name, arguments, null, 0);

    /// <summary>An operator with two tensors as its results.</summary>
    public static (Tensor First, Tensor Second) Call2(string name, params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc Value[2];
        Invoke(name, arguments, results, 2);
        return (Tensor.Own((nint)results[0].Bits), Tensor.Own((nint)results[1].Bits));
    }

    /// <summary>An operator with three tensors as its results; undefined ones are null.</summary>
    public static (Tensor First, Tensor Second, Tensor Third) Call3(string name, params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc Value[3];
        Invoke(name, arguments, results, 3);
        return (Tensor.OwnOrNull((nint)results[0].Bits)!, Tensor.OwnOrNull((nint)results[1].Bits)!, Tensor.OwnOrNull((nint)results[2].Bits)!);
    }

    /// <summary>An operator with a list of tensors as its result.</summary>
    public static Tensor[] CallList(string name, params ReadOnlySpan<Arg> arguments)
    {
        var result = default(Value);
        Invoke(name, arguments, &result, 1);
        var handles = (nint*)result.Bits;
        var tensors = new Tensor[result.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Tensor.Own(handles[i]);
        }

        NativeMethods.lab_free_list(handles);
        return tensors;
    }

    /// <summary>An operator with a number or a flag as its result.</summary>
    public static long CallNumber(string name, params ReadOnlySpan<Arg> arguments)
    {
        var result = default(Value);
        Invoke(name, arguments, &result, 1);
        return result.Bits;
    }

    /// <summary>An operator with a truth value as its result.</summary>
    public static bool CallBool(string name, params ReadOnlySpan<Arg> arguments) => CallNumber(name, arguments) != 0;

    [SkipLocalsInit]
    private static void Invoke(string name, ReadOnlySpan<Arg> arguments, Value* results, int room)
    {
        var op = Operators.TryGetValue(name, out var known) ? known : Find(name);
        var words = 0;
        foreach (ref readonly var argument in arguments)
        {
            words += argument.Words;
        }

        var rented = words > StackWords ? ArrayPool<long>.Shared.Rent(words) : null;
        var local = stackalloc long[rented is null ? words : 0];
        var values = stackalloc Value[arguments.Length];
        fixed (long* pinned = rented)
        {
            var memory = rented is null ? local : pinned;
            for (var i = 0; i < arguments.Length; i++)
            {
                arguments[i].Write(values + i, memory);
                memory += arguments[i].Words;
            }

            int produced;
            var status = NativeMethods.lab_call(op, values, arguments.Length, results, room, &produced);
            foreach (ref readonly var argument in arguments)
            {
                GC.KeepAlive(argument.Reference);
            }

            if (rented is not null)
            {
                ArrayPool<long>.Shared.Return(rented);
            }

            NativeMethods.Check(status);
        }
    }

    /// <summary>Looks an operator up without calling it.</summary>
    /// <exception cref="ExternalException">libtorch has no operator of that name.</exception>
    internal static nint Find(string name)
    {
        Loader.Require();
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var full = "aten::" + (dot < 0 ? name : name[..dot]);
        var overload = dot < 0 ? string.Empty : name[(dot + 1)..];
        nint found;
        fixed (byte* first = Encoding.UTF8.GetBytes(full + '\0'))
        fixed (byte* second = Encoding.UTF8.GetBytes(overload + '\0'))
        {
            NativeMethods.Check(NativeMethods.lab_find(first, second, &found));
        }

        // Two threads may both have looked it up; the native side keeps both, either serves.
        return Operators.GetOrAdd(name, found);
    }
}
