using TorchSharp.Interop;

namespace TorchSharp;

// Operators and conversions.
public static partial class torch
{
    public partial class Tensor
    {
        public static implicit operator Tensor(byte value) => FromMemory<byte>([value], [], ScalarType.Byte);
        public static implicit operator Tensor(byte[] value) => Array1(value, ScalarType.Byte, null, null, false);
        public static implicit operator Tensor(sbyte value) => FromMemory<sbyte>([value], [], ScalarType.Int8);
        public static implicit operator Tensor(sbyte[] value) => Array1(value, ScalarType.Int8, null, null, false);
        public static implicit operator Tensor(short value) => FromMemory<short>([value], [], ScalarType.Int16);
        public static implicit operator Tensor(short[] value) => Array1(value, ScalarType.Int16, null, null, false);
        public static implicit operator Tensor(int value) => FromMemory<int>([value], [], ScalarType.Int32);
        public static implicit operator Tensor(int[] value) => Array1(value, ScalarType.Int32, null, null, false);
        public static implicit operator Tensor(long value) => FromMemory<long>([value], [], ScalarType.Int64);
        public static implicit operator Tensor(long[] value) => Array1(value, ScalarType.Int64, null, null, false);
        public static implicit operator Tensor(float value) => FromMemory<float>([value], [], ScalarType.Float32);
        public static implicit operator Tensor(float[] value) => Array1(value, ScalarType.Float32, null, null, false);
        public static implicit operator Tensor(double value) => FromMemory<double>([value], [], ScalarType.Float64);
        public static implicit operator Tensor(double[] value) => Array1(value, ScalarType.Float64, null, null, false);
        public static implicit operator Tensor(bool value) => FromMemory<bool>([value], [], ScalarType.Bool);
        public static implicit operator Tensor(bool[] value) => Array1(value, ScalarType.Bool, null, null, false);
        public static implicit operator Tensor(Scalar scalar) => Aten.Call("scalar_tensor", scalar, scalar.Type);
        public static explicit operator byte(Tensor value) => value.Number<byte>(ScalarType.Byte);
        public static explicit operator sbyte(Tensor value) => value.Number<sbyte>(ScalarType.Int8);
        public static explicit operator short(Tensor value) => value.Number<short>(ScalarType.Int16);
        public static explicit operator int(Tensor value) => value.Number<int>(ScalarType.Int32);
        public static explicit operator long(Tensor value) => value.Number<long>(ScalarType.Int64);
        public static explicit operator float(Tensor value) => value.Number<float>(ScalarType.Float32);
        public static explicit operator double(Tensor value) => value.Number<double>(ScalarType.Float64);
        public static explicit operator bool(Tensor value) => value.Number<bool>(ScalarType.Bool);
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);
        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);
        public static Tensor operator +(Scalar left, Tensor right) => right.add(left);
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);
        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);
        public static Tensor operator -(Scalar left, Tensor right) => Aten.Call("rsub.Scalar", right, left);
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);
        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);
        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);
        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);
        public static Tensor operator /(Scalar left, Tensor right) => right.reciprocal().mul(left);
        public static Tensor operator %(Tensor left, Tensor right) => left.remainder(right);
        public static Tensor operator %(Tensor left, Scalar right) => left.remainder(right);
        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);
        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);
        public static Tensor operator ==(Scalar left, Tensor right) => right.eq(left);
        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);
        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);
        public static Tensor operator !=(Scalar left, Tensor right) => right.ne(left);
        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);
        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);
        public static Tensor operator <(Scalar left, Tensor right) => right.gt(left);
        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);
        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);
        public static Tensor operator <=(Scalar left, Tensor right) => right.ge(left);
        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);
        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);
        public static Tensor operator >(Scalar left, Tensor right) => right.lt(left);
        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);
        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);
        public static Tensor operator >=(Scalar left, Tensor right) => right.le(left);
        public static Tensor operator -(Tensor tensor) => tensor.neg();
        public static Tensor operator ~(Tensor left) => Aten.Call("bitwise_not", left);
        public static Tensor operator &(Tensor left, Tensor right) => Aten.Call("bitwise_and.Tensor", left, right);
        public static Tensor operator |(Tensor left, Tensor right) => Aten.Call("bitwise_or.Tensor", left, right);
        public static Tensor operator ^(Tensor left, Tensor right) => Aten.Call("bitwise_xor.Tensor", left, right);
    }
}
