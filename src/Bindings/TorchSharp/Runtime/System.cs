using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>libtorch's version.</summary>
    public static unsafe string __version__
    {
        get
        {
            Loader.Require();
            return NativeMethods.Text(NativeMethods.lab_version());
        }
    }

    /// <summary>Opens a scope that owns the tensors this thread makes until it is disposed.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.OfThread.Open();

    /// <summary>Runs an expression in a scope of its own and keeps its result only.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static int get_num_threads()
    {
        Loader.Require();
        return NativeMethods.lab_threads();
    }

    /// <summary>Threads that one operator may use, in every thread from its next operator on. One a processor where nothing was set.</summary>
    public static void set_num_threads(int num)
    {
        Loader.Require();
        NativeMethods.Check(NativeMethods.lab_set_threads(num));
    }

    public static int get_num_interop_threads()
    {
        Loader.Require();
        return NativeMethods.lab_interop_threads();
    }

    public static void set_num_interop_threads(int num)
    {
        Loader.Require();
        NativeMethods.Check(NativeMethods.lab_set_interop_threads(num));
    }

    /// <summary>Refuses operators that are not deterministic; disposing undoes it.</summary>
    public static IDisposable use_deterministic_algorithms(bool mode = true, bool warn_only = false)
    {
        var before = new Determinism(are_deterministic_algorithms_enabled(), is_deterministic_algorithms_warn_only_enabled());
        NativeMethods.lab_set_deterministic(mode ? 1 : 0, warn_only ? 1 : 0);
        return before;
    }

    public static bool are_deterministic_algorithms_enabled()
    {
        Loader.Require();
        return NativeMethods.lab_deterministic() != 0;
    }

    public static bool is_deterministic_algorithms_warn_only_enabled()
    {
        Loader.Require();
        return NativeMethods.lab_deterministic_warn_only() != 0;
    }

    public static bool cuda_is_available() => cuda.is_available();

    /// <summary>NVIDIA GPUs.</summary>
    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count()
        {
            Loader.Require();
            return NativeMethods.lab_cuda_count();
        }

        public static bool is_cudnn_available()
        {
            Loader.Require();
            return NativeMethods.lab_cudnn_available() != 0;
        }

        public static void manual_seed(long seed) => torch.manual_seed(seed);

        public static void manual_seed_all(long seed) => torch.manual_seed(seed);
    }

    /// <summary>Settings of the libraries beneath.</summary>
    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                public static bool allow_tf32
                {
                    get => NativeMethods.lab_tf32_matmul() != 0;
                    set => NativeMethods.lab_set_tf32(value ? 1 : 0, NativeMethods.lab_tf32_cudnn());
                }
            }
        }

        public static class cudnn
        {
            public static bool allow_tf32
            {
                get => NativeMethods.lab_tf32_cudnn() != 0;
                set => NativeMethods.lab_set_tf32(NativeMethods.lab_tf32_matmul(), value ? 1 : 0);
            }
        }
    }

    private sealed class Determinism(bool enabled, bool warnOnly) : IDisposable
    {
        public void Dispose() => NativeMethods.lab_set_deterministic(enabled ? 1 : 0, warnOnly ? 1 : 0);
    }
}
