using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    private static ScalarType _default = ScalarType.Float32;

    public static ScalarType get_default_dtype() => _default;

    /// <summary>The type that creation functions take when none is given.</summary>
    public static void set_default_dtype(ScalarType dtype) => _default = dtype;

    /// <summary>A CPU tensor with a copy of the memory, then moved and converted as asked.</summary>
    internal static unsafe Tensor FromMemory<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> shape, ScalarType native, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged
    {
        Loader.Require();
        nint made;
        fixed (T* memory = data)
        fixed (long* extents = shape)
        {
            // An empty span pins to null, which would ask for uninitialised memory: for no bytes that is the same.
            NativeMethods.Check(NativeMethods.lab_from_memory(memory, (long)data.Length * sizeof(T), extents, shape.Length, (int)native, &made));
        }

        return Finish(Tensor.Own(made), native, dtype, device, requires_grad);
    }

    private static Tensor Finish(Tensor made, ScalarType native, ScalarType? dtype, Device? device, bool requires_grad)
    {
        if ((dtype is { } type && type != native) || device is { type: not DeviceType.CPU })
        {
            var moved = Aten.Call("_to_copy", made, dtype ?? native, Arg.None, device ?? CPU);
            made.Dispose();
            made = moved;
        }

        return requires_grad ? made.requires_grad_() : made;
    }

    private static Tensor Grad(this Tensor made, bool requires_grad) => requires_grad ? made.requires_grad_() : made;

    private static Tensor Array1<T>(T[] data, ScalarType native, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged => FromMemory<T>(data, [data.Length], native, dtype, device, requires_grad);

    private static Tensor List1<T>(IList<T> data, ReadOnlySpan<long> shape, ScalarType native, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged => FromMemory<T>(data as T[] ?? [.. data], shape, native, dtype, device, requires_grad);

    /// <summary>A tensor of the scalar's own type, on the CPU, which mixes with tensors of every device.</summary>
    internal static Tensor ToTensor(this Scalar scalar, Tensor like) => Aten.Call("scalar_tensor", scalar, like.dtype, Arg.None, like.device);

    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("empty.memory_format", size, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => empty(size.ToArray(), dtype, device, requires_grad);

    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("zeros", size, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => zeros(size.ToArray(), dtype, device, requires_grad);

    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("ones", size, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor ones(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => ones(size.ToArray(), dtype, device, requires_grad);

    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("full", size, value, dtype ?? FullType(value), Arg.None, device).Grad(requires_grad);

    public static Tensor full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => full(size.ToArray(), value, dtype, device, requires_grad);

    public static Tensor rand(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => Aten.Call("rand.generator", size, generator, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor rand(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => rand(size.ToArray(), dtype, device, requires_grad, generator);

    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => Aten.Call("randn.generator", size, generator, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor randn(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => randn(size.ToArray(), dtype, device, requires_grad, generator);

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => Aten.Call("randint.low_generator", low, high, size, generator, dtype ?? ScalarType.Int64, Arg.None, device).Grad(requires_grad);

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => randint(0, high, size, dtype, device, requires_grad, generator);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) => Aten.Call("randperm.generator", n, generator, dtype ?? ScalarType.Int64, Arg.None, device).Grad(requires_grad);

    public static Tensor normal(double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => Aten.Call("normal.float_float", mean, std, size, generator, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Aten.Call("arange.start_step", start, stop, step, dtype, Arg.None, device).Grad(requires_grad);

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Aten.Call("linspace", (Scalar)start, (Scalar)end, steps, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Aten.Call("logspace", (Scalar)start, (Scalar)end, steps, @base, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("eye.m", rows, columns < 0 ? rows : columns, dtype ?? _default, Arg.None, device).Grad(requires_grad);

    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("empty_like", input, dtype, Arg.None, device).Grad(requires_grad);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("zeros_like", input, dtype, Arg.None, device).Grad(requires_grad);

    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("ones_like", input, dtype, Arg.None, device).Grad(requires_grad);

    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Aten.Call("full_like", input, value, dtype, Arg.None, device).Grad(requires_grad);

    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Aten.Call("rand_like", input, dtype, Arg.None, device).Grad(requires_grad);

    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Aten.Call("randn_like", input, dtype, Arg.None, device).Grad(requires_grad);

    public static Tensor tril_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) => Aten.Call("tril_indices", row, col, offset, dtype, Arg.None, device);

    public static Tensor triu_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) => Aten.Call("triu_indices", row, col, offset, dtype, Arg.None, device);

    /// <summary>A tensor with a copy of an array of any rank.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var shape = new long[rawArray.Rank];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = rawArray.GetLongLength(i);
        }

        var native = TypeOf(rawArray.GetType().GetElementType()!);
        var bytes = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(rawArray), checked((int)(rawArray.LongLength * Marshal.SizeOf(rawArray.GetType().GetElementType() == typeof(bool) ? typeof(byte) : rawArray.GetType().GetElementType()!))));
        return FromMemory(bytes, shape, native, dtype, device, requires_grad);
    }

    /// <summary>A tensor of <paramref name="count"/> elements from <paramref name="offset"/> on. The array is copied, so later changes of it do not show.</summary>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        var whole = from_array(rawArray, dtype);
        if (count < 0 && offset == 0)
        {
            return whole.Grad(requires_grad);
        }

        using (whole)
        {
            return whole.narrow(0, offset, count < 0 ? whole.numel() - offset : count).clone().Grad(requires_grad);
        }
    }

    private static ScalarType FullType(Scalar value) => value.Tag switch
    {
        Tag.Bool => ScalarType.Bool,
        Tag.Int => ScalarType.Int64,
        _ => _default,
    };

    private static ScalarType TypeOf(Type element) => Type.GetTypeCode(element) switch
    {
        TypeCode.Byte => ScalarType.Byte,
        TypeCode.SByte => ScalarType.Int8,
        TypeCode.Int16 => ScalarType.Int16,
        TypeCode.Int32 => ScalarType.Int32,
        TypeCode.Int64 => ScalarType.Int64,
        TypeCode.Single => ScalarType.Float32,
        TypeCode.Double => ScalarType.Float64,
        TypeCode.Boolean => ScalarType.Bool,
        _ when element == typeof(Half) => ScalarType.Float16,
        _ => throw new ArgumentException($"There is no tensor of {element.Name}."),
    };
}
