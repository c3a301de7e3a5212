using System.Runtime.InteropServices;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

/// <summary>PyTorch's functions; members are PyTorch's of the same name.</summary>
public static partial class torch
{
    /// <summary>
    /// A tensor of libtorch. Disposed by the <see cref="DisposeScope"/> it was made in, by hand, or by the garbage
    /// collector. Members named as PyTorch's do what PyTorch's do; names that end in _ write in place and give this back.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private nint _handle;

        internal Tensor(nint handle)
        {
            _handle = handle;
            OwningDisposeScope = DisposeScopeManager.OfThread.Register(this);
        }

        /// <summary>Releases a tensor that nobody disposed.</summary>
        ~Tensor() => Release();

        /// <summary>Tensors that are live in the process.</summary>
        public static long TotalCount => Loader.Problem is null ? NativeMethods.lab_live() : 0;

        /// <summary>The most tensors that were live at once.</summary>
        public static long PeakCount => Loader.Problem is null ? NativeMethods.lab_peak() : 0;

        /// <summary>libtorch's object.</summary>
        /// <exception cref="InvalidOperationException">The tensor was disposed.</exception>
        public IntPtr Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- it was disposed.");

        /// <summary>Whether the tensor was disposed.</summary>
        public bool IsInvalid => _handle == 0;

        internal DisposeScope? OwningDisposeScope { get; set; }

        internal static Tensor Own(nint handle) => handle != 0 ? new Tensor(handle) : throw new ExternalException("libtorch gave an undefined tensor where one was expected.");

        internal static Tensor? OwnOrNull(nint handle) => handle != 0 ? new Tensor(handle) : null;

        /// <summary>A tensor around a handle that the caller owns.</summary>
        public static Tensor UnsafeCreateTensor(IntPtr handle) => Own(handle);

        /// <summary>Releases the tensor; a second call does nothing.</summary>
        public void Dispose()
        {
            if (_handle != 0)
            {
                if (OwningDisposeScope is { } scope)
                {
                    scope.MarkAsDisposed(this);
                }
                else
                {
                    DisposeScopeManager.Statistics.DisposedOutsideScopeCount++;
                }
            }

            Release();
        }

        /// <summary>Moves the tensor from its scope to the enclosing one.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of its scope: the caller disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        /// <summary>Takes libtorch's object away from this tensor; the caller releases it.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            OwningDisposeScope?.Detach(this);
            return Interlocked.Exchange(ref _handle, 0);
        }

        /// <summary>Frees the handle without telling the scope.</summary>
        internal void Release()
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
            {
                GC.SuppressFinalize(this);
                NativeMethods.lab_release(handle);
            }
        }

        /// <summary>The elements of a CPU tensor, in the order of its indices.</summary>
        public TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(this);
        }

        /// <summary>The only element.</summary>
        public T item<T>()
            where T : unmanaged
        {
            if (numel() != 1)
            {
                throw new ArgumentException($"Number of elements in the tensor must be 1, and is {numel()}.");
            }

            ValidateType(typeof(T));
            using var here = is_cpu() ? alias() : cpu();
            return new TensorAccessor<T>(here)[0];
        }

        /// <summary>The memory of a contiguous CPU tensor, valid while the tensor is not disposed; setting it copies in.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (!is_cpu() || !is_contiguous())
                {
                    throw new InvalidOperationException("Only a contiguous tensor on the CPU has its bytes in a row: call contiguous() and cpu() first.");
                }

                return new Span<byte>(DataPointer(), checked((int)(numel() * ElementSize)));
            }

            set
            {
                var memory = bytes;
                if (value.Length != memory.Length)
                {
                    throw new ArgumentException($"The tensor holds {memory.Length} bytes and was given {value.Length}.");
                }

                value.CopyTo(memory);
            }
        }

        internal unsafe void* DataPointer()
        {
            void* data;
            NativeMethods.Check(NativeMethods.lab_data(Handle, &data));
            GC.KeepAlive(this);
            return data;
        }

        internal void ValidateType(Type element)
        {
            var expected = dtype switch
            {
                ScalarType.Byte => element == typeof(byte),
                ScalarType.Int8 => element == typeof(sbyte),
                ScalarType.Int16 => element == typeof(short),
                ScalarType.Int32 => element == typeof(int),
                ScalarType.Int64 => element == typeof(long),
                ScalarType.Float16 => element == typeof(Half),
                ScalarType.Float32 => element == typeof(float),
                ScalarType.Float64 => element == typeof(double),
                ScalarType.Bool => element == typeof(bool),
                ScalarType.BFloat16 => element == typeof(ushort) || element == typeof(short),
                _ => false,
            };
            if (!expected)
            {
                throw new ArgumentException($"{element.Name} is not compatible with {dtype}.");
            }
        }
    }
}
