using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

/// <summary>The C ABI of native/; functions that return int give 0, or another number and a message in <see cref="lab_error"/>.</summary>
internal static unsafe partial class NativeMethods
{
    public const string Library = "InteractionLabTorch";

    [DllImport(Library)] public static extern int lab_find(byte* name, byte* overload, nint* found);
    [DllImport(Library)] public static extern int lab_call(nint op, Value* arguments, int given, Value* results, int room, int* produced);
    [DllImport(Library)] public static extern void lab_free_list(void* list);
    [DllImport(Library)] public static extern byte* lab_schemas();
    [DllImport(Library)] public static extern byte* lab_error();

    [DllImport(Library)] public static extern void lab_release(nint tensor);
    [DllImport(Library)] public static extern nint lab_share(nint tensor);
    [DllImport(Library)] public static extern long lab_live();
    [DllImport(Library)] public static extern long lab_peak();
    [DllImport(Library)] public static extern int lab_facts(nint tensor, Facts* facts);
    [DllImport(Library), SuppressGCTransition] public static extern int lab_dimensions(nint tensor);
    [DllImport(Library)] public static extern int lab_sizes(nint tensor, long* extents);
    [DllImport(Library)] public static extern int lab_strides(nint tensor, long* steps);
    [DllImport(Library)] public static extern int lab_data(nint tensor, void** data);
    [DllImport(Library)] public static extern int lab_from_memory(void* data, long bytes, long* extents, int dimensions, int type, nint* made);

    [DllImport(Library)] public static extern int lab_requires_grad(nint tensor, int wanted);
    [DllImport(Library)] public static extern int lab_retain_grad(nint tensor);
    [DllImport(Library)] public static extern int lab_grad(nint tensor, nint* grad);
    [DllImport(Library)] public static extern int lab_set_grad(nint tensor, nint grad);
    [DllImport(Library)] public static extern int lab_backward(nint* tensors, int count, nint* gradients, int gradientCount, int keepGraph, int createGraph, nint* inputs, int inputCount);
    [DllImport(Library)] public static extern int lab_gradients(nint* outputs, int outputCount, nint* inputs, int inputCount, nint* gradients, int gradientCount, int keepGraph, int createGraph, int allowUnused, nint* results);
    [DllImport(Library)] public static extern int lab_grad_enabled();
    [DllImport(Library)] public static extern void lab_set_grad_enabled(int enabled);
    [DllImport(Library)] public static extern int lab_inference_enabled();
    [DllImport(Library)] public static extern nint lab_enter_inference(int enabled);
    [DllImport(Library)] public static extern void lab_leave_inference(nint guard);

    [DllImport(Library)] public static extern int lab_initialize(byte* directory, int threads);
    [DllImport(Library)] public static extern int lab_keep_memory(long bytes);
    [DllImport(Library)] public static extern long lab_kept_memory();
    [DllImport(Library)] public static extern byte* lab_version();
    [DllImport(Library)] public static extern byte* lab_parallel_info();
    [DllImport(Library)] public static extern int lab_threads();
    [DllImport(Library)] public static extern int lab_set_threads(int count);
    [DllImport(Library)] public static extern int lab_interop_threads();
    [DllImport(Library)] public static extern int lab_set_interop_threads(int count);
    [DllImport(Library)] public static extern int lab_manual_seed(ulong seed);
    [DllImport(Library)] public static extern int lab_generator_new(ulong seed, nint* made);
    [DllImport(Library)] public static extern int lab_generator_default(nint* made);
    [DllImport(Library)] public static extern void lab_generator_free(nint generator);
    [DllImport(Library)] public static extern int lab_generator_seed(nint generator, ulong seed);
    [DllImport(Library)] public static extern ulong lab_generator_current(nint generator);
    [DllImport(Library)] public static extern int lab_generator_random_seed(nint generator, ulong* seed);
    [DllImport(Library)] public static extern int lab_generator_state(nint generator, nint* state);
    [DllImport(Library)] public static extern int lab_generator_set_state(nint generator, nint state);
    [DllImport(Library)] public static extern int lab_cuda_count();
    [DllImport(Library)] public static extern int lab_cudnn_available();
    [DllImport(Library)] public static extern void lab_set_deterministic(int enabled, int warnOnly);
    [DllImport(Library)] public static extern int lab_deterministic();
    [DllImport(Library)] public static extern int lab_deterministic_warn_only();
    [DllImport(Library)] public static extern void lab_set_tf32(int matmul, int cudnn);
    [DllImport(Library)] public static extern int lab_tf32_matmul();
    [DllImport(Library)] public static extern int lab_tf32_cudnn();
    [DllImport(Library)] public static extern void lab_set_cudnn_benchmark(int enabled, int deterministic);

    /// <summary>Throws libtorch's message when a call failed.</summary>
    /// <exception cref="ExternalException">The call failed.</exception>
    public static void Check(int status)
    {
        if (status != 0)
        {
            throw new ExternalException(Text(lab_error()));
        }
    }

    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? string.Empty;
}
