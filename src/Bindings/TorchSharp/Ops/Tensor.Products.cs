using TorchSharp.Interop;

namespace TorchSharp;

// Products of matrices: one operator a line.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor bmm(Tensor batch2) => Aten.Call("bmm", this, batch2);
        public Tensor dot(Tensor target) => Aten.Call("dot", this, target);
        public Tensor matmul(Tensor target) => Aten.Call("matmul", this, target);
        public Tensor mm(Tensor target) => Aten.Call("mm", this, target);
        public Tensor outer(Tensor vec2) => Aten.Call("outer", this, vec2);
        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Aten.Call("tensordot", this, b, dims1, dims2);
    }
}
