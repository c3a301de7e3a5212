using TorchSharp.Interop;

namespace TorchSharp;

// Reductions, cumulative sums and orders: one operator a line.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor argsort(long dim = -1, bool descending = false) => Aten.Call("argsort", this, dim, descending);
        public Tensor cumprod(long dim, ScalarType? type = null) => Aten.Call("cumprod", this, dim, type);
        public Tensor cumsum(long dim, ScalarType? type = null) => Aten.Call("cumsum", this, dim, type);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.Call("log_softmax.int", this, dim, dtype);
        public Tensor logsumexp(long dim, bool keepdim = false) => Aten.Call("logsumexp", this, new long[] { dim }, keepdim);
        public Tensor median() => Aten.Call("median", this);
        public Tensor nonzero() => Aten.Call("nonzero", this);
        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.Call("softmax.int", this, dim, dtype);
        public (Tensor, Tensor) topk(int k, int dim = -1, bool largest = true, bool sorted = true) => Aten.Call2("topk", this, k, dim, largest, sorted);
    }
}
