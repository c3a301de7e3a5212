using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>One argument of an ATen operator: everything the library passes converts to it.</summary>
internal readonly struct Arg
{
    public readonly object? Reference;
    public readonly long Bits;
    public readonly Tag Tag;
    private readonly int _count;

    private Arg(Tag tag, long bits = 0, object? reference = null, int count = 0)
    {
        Tag = tag;
        Bits = bits;
        Reference = reference;
        _count = count;
    }

    /// <summary>The schema's own default value.</summary>
    public static Arg Default => new(Tag.Default);

    public static Arg None => new(Tag.None);

    public static implicit operator Arg(torch.Tensor? tensor) => tensor is null ? None : new(Tag.Tensor, 0, tensor);
    public static implicit operator Arg(Scalar? scalar) => scalar is null ? None : new(scalar.Tag, scalar.Bits);
    public static implicit operator Arg(long number) => new(Tag.Int, number);
    public static implicit operator Arg(long? number) => number is { } value ? new(Tag.Int, value) : None;
    public static implicit operator Arg(double number) => new(Tag.Double, BitConverter.DoubleToInt64Bits(number));
    public static implicit operator Arg(double? number) => number is { } value ? (Arg)value : None;
    public static implicit operator Arg(bool flag) => new(Tag.Bool, flag ? 1 : 0);
    public static implicit operator Arg(bool? flag) => flag is { } value ? (Arg)value : None;
    public static implicit operator Arg(torch.ScalarType type) => new(Tag.Int, (long)type);
    public static implicit operator Arg(torch.ScalarType? type) => type is { } value ? (Arg)value : None;
    public static implicit operator Arg(long[]? list) => list is null ? None : new(Tag.IntList, 0, list, list.Length);
    public static implicit operator Arg(ReadOnlySpan<long> list) => new(Tag.IntList, 0, list.ToArray(), list.Length);
    public static implicit operator Arg(double[]? list) => list is null ? None : new(Tag.DoubleList, 0, list, list.Length);
    public static implicit operator Arg(torch.Tensor?[]? list) => list is null ? None : new(Tag.TensorList, 0, list, list.Length);
    public static implicit operator Arg(string? text) => text is null ? None : new(Tag.Text, 0, System.Text.Encoding.UTF8.GetBytes(text));
    public static implicit operator Arg(torch.Device? device) => device is null ? None : new(Tag.Device, (long)device.type, null, device.index);
    public static implicit operator Arg(torch.Generator? generator) => generator is null ? None : new(Tag.Generator, generator.Handle, generator);

    /// <summary>The 8-byte words of memory the argument needs beside its <see cref="Value"/>.</summary>
    public int Words => Tag switch
    {
        Tag.IntList or Tag.DoubleList or Tag.TensorList => _count,
        Tag.Text => (((byte[])Reference!).Length + 7) / 8,
        _ => 0,
    };

    /// <summary>Writes the argument; lists go to <paramref name="memory"/>, which must stay where it is during the call.</summary>
    public unsafe void Write(Value* value, long* memory)
    {
        value->Tag = Tag;
        value->Count = _count;
        value->Bits = Bits;
        switch (Tag)
        {
            case Tag.Tensor:
                value->Bits = ((torch.Tensor)Reference!).Handle;
                break;
            case Tag.IntList:
                ((long[])Reference!).CopyTo(new Span<long>(memory, _count));
                value->Bits = (long)memory;
                break;
            case Tag.DoubleList:
                ((double[])Reference!).CopyTo(new Span<double>(memory, _count));
                value->Bits = (long)memory;
                break;
            case Tag.TensorList:
                var tensors = (torch.Tensor?[])Reference!;
                for (var i = 0; i < tensors.Length; i++)
                {
                    memory[i] = tensors[i] is { } tensor ? tensor.Handle : 0;
                }

                value->Bits = (long)memory;
                break;
            case Tag.Text:
                var bytes = (byte[])Reference!;
                bytes.CopyTo(new Span<byte>(memory, bytes.Length));
                value->Count = bytes.Length;
                value->Bits = (long)memory;
                break;
        }
    }
}
