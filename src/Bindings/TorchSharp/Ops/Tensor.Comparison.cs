using TorchSharp.Interop;

namespace TorchSharp;

// Comparisons and logic: one operator a line.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Scalar target) => Aten.Call("eq.Scalar", this, target);
        public Tensor eq(Tensor target) => Aten.Call("eq.Tensor", this, target);
        public Tensor eq_(Scalar target) => Aten.InPlace("eq_.Scalar", this, target);
        public Tensor eq_(Tensor target) => Aten.InPlace("eq_.Tensor", this, target);
        public Tensor ge(Scalar target) => Aten.Call("ge.Scalar", this, target);
        public Tensor ge(Tensor target) => Aten.Call("ge.Tensor", this, target);
        public Tensor ge_(Scalar target) => Aten.InPlace("ge_.Scalar", this, target);
        public Tensor ge_(Tensor target) => Aten.InPlace("ge_.Tensor", this, target);
        public Tensor gt(Scalar target) => Aten.Call("gt.Scalar", this, target);
        public Tensor gt(Tensor target) => Aten.Call("gt.Tensor", this, target);
        public Tensor gt_(Scalar target) => Aten.InPlace("gt_.Scalar", this, target);
        public Tensor gt_(Tensor target) => Aten.InPlace("gt_.Tensor", this, target);
        public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) => Aten.Call("isclose", this, other, rtol, atol, nanEqual);
        public Tensor isfinite() => Aten.Call("isfinite", this);
        public Tensor isinf() => Aten.Call("isinf", this);
        public Tensor isnan() => Aten.Call("isnan", this);
        public Tensor le(Scalar target) => Aten.Call("le.Scalar", this, target);
        public Tensor le(Tensor target) => Aten.Call("le.Tensor", this, target);
        public Tensor le_(Scalar target) => Aten.InPlace("le_.Scalar", this, target);
        public Tensor le_(Tensor target) => Aten.InPlace("le_.Tensor", this, target);
        public Tensor logical_and(Tensor other) => Aten.Call("logical_and", this, other);
        public Tensor logical_and_(Tensor other) => Aten.InPlace("logical_and_", this, other);
        public Tensor logical_not() => Aten.Call("logical_not", this);
        public Tensor logical_not_() => Aten.InPlace("logical_not_", this);
        public Tensor logical_or(Tensor other) => Aten.Call("logical_or", this, other);
        public Tensor logical_or_(Tensor other) => Aten.InPlace("logical_or_", this, other);
        public Tensor logical_xor(Tensor other) => Aten.Call("logical_xor", this, other);
        public Tensor logical_xor_(Tensor other) => Aten.InPlace("logical_xor_", this, other);
        public Tensor lt(Scalar target) => Aten.Call("lt.Scalar", this, target);
        public Tensor lt(Tensor target) => Aten.Call("lt.Tensor", this, target);
        public Tensor lt_(Scalar target) => Aten.InPlace("lt_.Scalar", this, target);
        public Tensor lt_(Tensor target) => Aten.InPlace("lt_.Tensor", this, target);
        public Tensor maximum(Tensor other) => Aten.Call("maximum", this, other);
        public Tensor minimum(Tensor other) => Aten.Call("minimum", this, other);
        public Tensor ne(Scalar target) => Aten.Call("ne.Scalar", this, target);
        public Tensor ne(Tensor target) => Aten.Call("ne.Tensor", this, target);
        public Tensor ne_(Scalar target) => Aten.InPlace("ne_.Scalar", this, target);
        public Tensor ne_(Tensor target) => Aten.InPlace("ne_.Tensor", this, target);
    }
}
