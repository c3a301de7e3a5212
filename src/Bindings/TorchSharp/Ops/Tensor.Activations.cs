using TorchSharp.Interop;

namespace TorchSharp;

// Activation functions: one operator a line.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor gelu() => Aten.Call("gelu", this);
        public Tensor hardsigmoid() => Aten.Call("hardsigmoid", this);
        public Tensor hardsigmoid_() => Aten.InPlace("hardsigmoid_", this);
        public Tensor hardswish() => Aten.Call("hardswish", this);
        public Tensor hardswish_() => Aten.InPlace("hardswish_", this);
        public Tensor log_sigmoid() => Aten.Call("log_sigmoid", this);
        public Tensor prelu(Tensor target) => Aten.Call("prelu", this, target);
        public Tensor relu6() => Aten.Call("relu6", this);
        public Tensor relu6_() => Aten.InPlace("relu6_", this);
        public Tensor relu() => Aten.Call("relu", this);
        public Tensor relu_() => Aten.InPlace("relu_", this);
        public Tensor selu() => Aten.Call("selu", this);
        public Tensor selu_() => Aten.InPlace("selu_", this);
        public Tensor sigmoid() => Aten.Call("sigmoid", this);
        public Tensor sigmoid_() => Aten.InPlace("sigmoid_", this);
        public Tensor silu() => Aten.Call("silu", this);
        public Tensor silu_() => Aten.InPlace("silu_", this);
    }
}
