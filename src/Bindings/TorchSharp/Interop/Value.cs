using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>What an argument or a result is; the numbers are those of native/lab.h.</summary>
internal enum Tag
{
    Default = 0,
    None = 1,
    Tensor = 2,
    Int = 3,
    Double = 4,
    Bool = 5,
    IntList = 6,
    DoubleList = 7,
    TensorList = 8,
    Text = 9,
    Device = 10,
    Generator = 11,
}

/// <summary>One argument or result as the native side lays it out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Value
{
    public Tag Tag;
    public int Count;
    public long Bits;
}

/// <summary>What libtorch says of a tensor at once.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Facts
{
    public long Elements;
    public long ElementSize;
    public long StorageOffset;
    public int Dimensions;
    public int Type;
    public int DeviceType;
    public int DeviceIndex;
    public int RequiresGrad;
    public int IsLeaf;
    public int IsContiguous;
    public int IsNegatedOrConjugated;
}
