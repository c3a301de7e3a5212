using TorchSharp.Interop;

namespace TorchSharp;

// Element by element: one operator a line.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Aten.Call("abs", this);
        public Tensor acos() => Aten.Call("acos", this);
        public Tensor acosh() => Aten.Call("acosh", this);
        public Tensor add(Scalar scalar) => Aten.Call("add.Scalar", this, scalar);
        public Tensor add(Scalar scalar, Scalar alpha) => Aten.Call("add.Scalar", this, scalar, alpha);
        public Tensor add(Tensor target) => Aten.Call("add.Tensor", this, target);
        public Tensor add(Tensor target, Scalar alpha) => Aten.Call("add.Tensor", this, target, alpha);
        public Tensor asin() => Aten.Call("asin", this);
        public Tensor asinh() => Aten.Call("asinh", this);
        public Tensor atan2(Tensor other) => Aten.Call("atan2", this, other);
        public Tensor atan() => Aten.Call("atan", this);
        public Tensor atanh() => Aten.Call("atanh", this);
        public Tensor ceil() => Aten.Call("ceil", this);
        public Tensor clamp_max(Scalar max) => Aten.Call("clamp_max", this, max);
        public Tensor clamp_min(Scalar min) => Aten.Call("clamp_min", this, min);
        public Tensor cos() => Aten.Call("cos", this);
        public Tensor cosh() => Aten.Call("cosh", this);
        public Tensor erfc() => Aten.Call("erfc", this);
        public Tensor erf() => Aten.Call("erf", this);
        public Tensor exp() => Aten.Call("exp", this);
        public Tensor expm1() => Aten.Call("expm1", this);
        public Tensor floor_divide(Scalar other) => Aten.Call("floor_divide.Scalar", this, other);
        public Tensor floor_divide(Tensor other) => Aten.Call("floor_divide", this, other);
        public Tensor floor() => Aten.Call("floor", this);
        public Tensor fmod(Scalar scalar) => Aten.Call("fmod.Scalar", this, scalar);
        public Tensor fmod(Tensor target) => Aten.Call("fmod.Tensor", this, target);
        public Tensor frac() => Aten.Call("frac", this);
        public Tensor log10() => Aten.Call("log10", this);
        public Tensor log1p() => Aten.Call("log1p", this);
        public Tensor log2() => Aten.Call("log2", this);
        public Tensor log() => Aten.Call("log", this);
        public Tensor mul(Scalar target) => Aten.Call("mul.Scalar", this, target);
        public Tensor mul(Tensor target) => Aten.Call("mul.Tensor", this, target);
        public Tensor neg() => Aten.Call("neg", this);
        public Tensor positive() => Aten.Call("positive", this);
        public Tensor pow(Scalar exponent) => Aten.Call("pow.Tensor_Scalar", this, exponent);
        public Tensor pow(Tensor exponent) => Aten.Call("pow.Tensor_Tensor", this, exponent);
        public Tensor reciprocal() => Aten.Call("reciprocal", this);
        public Tensor remainder(Scalar scalar) => Aten.Call("remainder.Scalar", this, scalar);
        public Tensor remainder(Tensor target) => Aten.Call("remainder.Tensor", this, target);
        public Tensor rsqrt() => Aten.Call("rsqrt", this);
        public Tensor sign() => Aten.Call("sign", this);
        public Tensor sinh() => Aten.Call("sinh", this);
        public Tensor sin() => Aten.Call("sin", this);
        public Tensor sqrt() => Aten.Call("sqrt", this);
        public Tensor square() => Aten.Call("square", this);
        public Tensor sub(Scalar target) => Aten.Call("sub.Scalar", this, target);
        public Tensor sub(Tensor target) => Aten.Call("sub.Tensor", this, target);
        public Tensor tanh() => Aten.Call("tanh", this);
        public Tensor tan() => Aten.Call("tan", this);
        public Tensor trunc() => Aten.Call("trunc", this);
    }
}
