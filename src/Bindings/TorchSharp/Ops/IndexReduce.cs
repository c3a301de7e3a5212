using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>How <see cref="torch.index_reduce"/> joins what meets in one place.</summary>
public enum Reduce
{
    prod = 0,
    mean = 1,
    amax = 2,
    amin = 3,
}

public static partial class torch
{
    public static Tensor index_reduce(Tensor input, long dim, Tensor index, Tensor source, Reduce reduce, bool include_self = true) =>
        Aten.Call("index_reduce", input, dim, index, source, reduce.ToString(), include_self);
}
