using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private unsafe Facts Facts
        {
            get
            {
                Facts facts;
                NativeMethods.Check(NativeMethods.lab_facts(Handle, &facts));
                GC.KeepAlive(this);
                return facts;
            }
        }

        /// <summary>The extents.</summary>
        public unsafe long[] shape
        {
            get
            {
                var extents = new long[ndim];
                fixed (long* memory = extents)
                {
                    NativeMethods.Check(NativeMethods.lab_sizes(Handle, memory));
                }

                GC.KeepAlive(this);
                return extents;
            }
        }

        public long[] size() => shape;

        public long size(int dim) => shape[dim < 0 ? dim + ndim : dim];

        public unsafe long[] stride()
        {
            var steps = new long[ndim];
            fixed (long* memory = steps)
            {
                NativeMethods.Check(NativeMethods.lab_strides(Handle, memory));
            }

            GC.KeepAlive(this);
            return steps;
        }

        public long stride(int dim) => stride()[dim < 0 ? dim + ndim : dim];

        public long ndim
        {
            get
            {
                var dimensions = NativeMethods.lab_dimensions(Handle);
                GC.KeepAlive(this);
                return dimensions;
            }
        }

        public long Dimensions => ndim;

        public long dim() => ndim;

        public long numel() => Facts.Elements;

        public long NumberOfElements => Facts.Elements;

        public long ElementSize => Facts.ElementSize;

        public long element_size() => Facts.ElementSize;

        public long storage_offset() => Facts.StorageOffset;

        public ScalarType dtype => (ScalarType)Facts.Type;

        public Device device
        {
            get
            {
                var facts = Facts;
                return new Device((DeviceType)facts.DeviceType, facts.DeviceIndex);
            }
        }

        public DeviceType device_type => (DeviceType)Facts.DeviceType;

        public int device_index => Facts.DeviceIndex;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_leaf => Facts.IsLeaf != 0;

        public bool is_contiguous() => Facts.IsContiguous != 0;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_nonzero() => Aten.CallBool("is_nonzero", this);

        /// <summary>Whether operations on the tensor are recorded for differentiation.</summary>
        public bool requires_grad
        {
            get => Facts.RequiresGrad != 0;
            set
            {
                NativeMethods.Check(NativeMethods.lab_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>What backward accumulated here, or null; setting null forgets it.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint found;
                NativeMethods.Check(NativeMethods.lab_grad(Handle, &found));
                GC.KeepAlive(this);
                return OwnOrNull(found);
            }

            set
            {
                NativeMethods.Check(NativeMethods.lab_set_grad(Handle, value is null ? 0 : value.Handle));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public void retain_grad()
        {
            NativeMethods.Check(NativeMethods.lab_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        /// <summary>Accumulates the gradient of this scalar into the leaves it was computed from.</summary>
        public void backward() => autograd.backward(this);

        /// <summary>Shape, type and device; the elements are not printed.</summary>
        public override string ToString() => IsInvalid
            ? "[disposed]"
            : $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>Equal shapes, types and elements.</summary>
        public bool Equals(Tensor? target) => target is not null && (ReferenceEquals(this, target) || Aten.CallBool("equal", this, target));

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
