using TorchSharp.Interop;

namespace TorchSharp;

// Element by element, in place: one operator a line.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs_() => Aten.InPlace("abs_", this);
        public Tensor acos_() => Aten.InPlace("acos_", this);
        public Tensor acosh_() => Aten.InPlace("acosh_", this);
        public Tensor add_(Scalar scalar) => Aten.InPlace("add_.Scalar", this, scalar);
        public Tensor add_(Scalar scalar, Scalar alpha) => Aten.InPlace("add_.Scalar", this, scalar, alpha);
        public Tensor add_(Tensor target) => Aten.InPlace("add_.Tensor", this, target);
        public Tensor add_(Tensor target, Scalar alpha) => Aten.InPlace("add_.Tensor", this, target, alpha);
        public Tensor asin_() => Aten.InPlace("asin_", this);
        public Tensor asinh_() => Aten.InPlace("asinh_", this);
        public Tensor atan2_(Tensor other) => Aten.InPlace("atan2_", this, other);
        public Tensor atan_() => Aten.InPlace("atan_", this);
        public Tensor atanh_() => Aten.InPlace("atanh_", this);
        public Tensor ceil_() => Aten.InPlace("ceil_", this);
        public Tensor clamp_max_(Scalar max) => Aten.InPlace("clamp_max_", this, max);
        public Tensor clamp_min_(Scalar min) => Aten.InPlace("clamp_min_", this, min);
        public Tensor cos_() => Aten.InPlace("cos_", this);
        public Tensor cosh_() => Aten.InPlace("cosh_", this);
        public Tensor erfc_() => Aten.InPlace("erfc_", this);
        public Tensor erf_() => Aten.InPlace("erf_", this);
        public Tensor exp_() => Aten.InPlace("exp_", this);
        public Tensor expm1_() => Aten.InPlace("expm1_", this);
        public Tensor floor_divide_(Scalar other) => Aten.InPlace("floor_divide_.Scalar", this, other);
        public Tensor floor_divide_(Tensor other) => Aten.InPlace("floor_divide_.Tensor", this, other);
        public Tensor floor_() => Aten.InPlace("floor_", this);
        public Tensor fmod_(Scalar scalar) => Aten.InPlace("fmod_.Scalar", this, scalar);
        public Tensor fmod_(Tensor target) => Aten.InPlace("fmod_.Tensor", this, target);
        public Tensor frac_() => Aten.InPlace("frac_", this);
        public Tensor less_equal_(Tensor target) => Aten.InPlace("less_equal_.Tensor", this, target);
        public Tensor log10_() => Aten.InPlace("log10_", this);
        public Tensor log1p_() => Aten.InPlace("log1p_", this);
        public Tensor log2_() => Aten.InPlace("log2_", this);
        public Tensor log_() => Aten.InPlace("log_", this);
        public Tensor mul_(Scalar target) => Aten.InPlace("mul_.Scalar", this, target);
        public Tensor mul_(Tensor target) => Aten.InPlace("mul_.Tensor", this, target);
        public Tensor neg_() => Aten.InPlace("neg_", this);
        public Tensor not_equal_(Tensor target) => Aten.InPlace("not_equal_.Tensor", this, target);
        public Tensor pow_(Scalar exponent) => Aten.InPlace("pow_.Scalar", this, exponent);
        public Tensor pow_(Tensor exponent) => Aten.InPlace("pow_.Tensor", this, exponent);
        public Tensor reciprocal_() => Aten.InPlace("reciprocal_", this);
        public Tensor remainder_(Scalar scalar) => Aten.InPlace("remainder_.Scalar", this, scalar);
        public Tensor remainder_(Tensor target) => Aten.InPlace("remainder_.Tensor", this, target);
        public Tensor rsqrt_() => Aten.InPlace("rsqrt_", this);
        public Tensor sign_() => Aten.InPlace("sign_", this);
        public Tensor sinh_() => Aten.InPlace("sinh_", this);
        public Tensor sin_() => Aten.InPlace("sin_", this);
        public Tensor sqrt_() => Aten.InPlace("sqrt_", this);
        public Tensor sub_(Scalar target) => Aten.InPlace("sub_.Scalar", this, target);
        public Tensor sub_(Tensor target) => Aten.InPlace("sub_.Tensor", this, target);
        public Tensor subtract_(Scalar target) => Aten.InPlace("subtract_.Scalar", this, target);
        public Tensor subtract_(Tensor target) => Aten.InPlace("subtract_.Tensor", this, target);
        public Tensor tanh_() => Aten.InPlace("tanh_", this);
        public Tensor tan_() => Aten.InPlace("tan_", this);
        public Tensor true_divide_(Scalar other) => Aten.InPlace("true_divide_.Scalar", this, other);
        public Tensor true_divide_(Tensor other) => Aten.InPlace("true_divide_.Tensor", this, other);
        public Tensor trunc_() => Aten.InPlace("trunc_", this);
        public Tensor xlogy_(Scalar y) => Aten.InPlace("xlogy_.Scalar_Other", this, y);
        public Tensor xlogy_(Tensor y) => Aten.InPlace("xlogy_.Tensor", this, y);
    }
}
