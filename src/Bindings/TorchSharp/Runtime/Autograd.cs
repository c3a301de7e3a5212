using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Differentiation.</summary>
    public static unsafe class autograd
    {
        /// <summary>The gradients of the outputs (times <paramref name="grad_outputs"/>, ones for scalars) with respect to the inputs; null for an unused input where that is allowed.</summary>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var found = new nint[inputs.Count];
            fixed (nint* of = Handles(outputs), with = Handles(inputs), weights = Handles(grad_outputs), results = found)
            {
                NativeMethods.Check(NativeMethods.lab_gradients(of, outputs.Count, with, inputs.Count, weights, grad_outputs?.Count ?? 0, retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, results));
            }

            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(found, handle => Tensor.OwnOrNull(handle)!);
        }

        /// <summary>Accumulates the gradients of the tensors into the leaves they were computed from (or into <paramref name="inputs"/> only).</summary>
        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            var keep = retain_graph is { } wanted ? (wanted ? 1 : 0) : -1;
            fixed (nint* of = Handles(tensors), weights = Handles(grad_tensors), only = Handles(inputs))
            {
                NativeMethods.Check(NativeMethods.lab_backward(of, tensors.Count, weights, grad_tensors?.Count ?? 0, keep, create_graph ? 1 : 0, only, inputs?.Count ?? 0));
            }

            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        /// <inheritdoc cref="backward(IList{Tensor}, IList{Tensor}, bool?, bool, IList{Tensor})"/>
        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        /// <inheritdoc cref="backward(IList{Tensor}, IList{Tensor}, bool?, bool, IList{Tensor})"/>
        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        private static nint[] Handles(IList<Tensor>? tensors)
        {
            var handles = new nint[tensors?.Count ?? 0];
            for (var i = 0; i < handles.Length; i++)
            {
                handles[i] = tensors![i] is { } tensor ? tensor.Handle : 0;
            }

            return handles;
        }
    }

    /// <summary>Records nothing for differentiation on this thread until disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_grad_enabled()
    {
        Loader.Require();
        return NativeMethods.lab_grad_enabled() != 0;
    }

    public static bool is_inference_mode_enabled()
    {
        Loader.Require();
        return NativeMethods.lab_inference_enabled() != 0;
    }

    // The mode belongs to the thread: dispose it where it was made.
    private sealed class GradMode : IDisposable
    {
        private readonly bool _before;

        public GradMode(bool enabled)
        {
            _before = is_grad_enabled();
            NativeMethods.lab_set_grad_enabled(enabled ? 1 : 0);
        }

        public void Dispose() => NativeMethods.lab_set_grad_enabled(_before ? 1 : 0);
    }

    private sealed class InferenceMode : IDisposable
    {
        private nint _guard;

        public InferenceMode(bool enabled)
        {
            Loader.Require();
            _guard = NativeMethods.lab_enter_inference(enabled ? 1 : 0);
        }

        public void Dispose()
        {
            var guard = Interlocked.Exchange(ref _guard, 0);
            if (guard != 0)
            {
                NativeMethods.lab_leave_inference(guard);
            }
        }
    }
}
