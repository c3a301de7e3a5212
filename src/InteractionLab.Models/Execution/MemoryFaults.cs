using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Execution;

/// <summary>A run found no memory on its device; fewer rows at once may find it.</summary>
internal sealed class DeviceMemoryException(string message, Exception inner) : Exception(message, inner);

/// <summary>Tells runs that found no memory from runs that failed, by what the runtimes say.</summary>
internal static class MemoryFaults
{
    // ONNX Runtime's arenas and its CPU allocator, CUDA and its libraries, libtorch's allocators.
    private static readonly string[] Words =
    [
        "Failed to allocate memory",
        "bad_alloc",
        "bad allocation",
        "out of memory",
        "OUT_OF_MEMORY",
        "ALLOC_FAILED",
        "cudaErrorMemoryAllocation",
        "can't allocate memory",
        "not enough memory",
        "Available memory of",
    ];

    /// <summary>Whether a message speaks of memory that could not be had.</summary>
    public static bool IsMemory(string message) => Words.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>What a failed run of ONNX Runtime is to callers.</summary>
    public static Exception OfRuntime(OnnxRuntimeException fault)
    {
        var text = RuntimeMessages.Clean(fault.Message);
        return IsMemory(fault.Message)
            ? new DeviceMemoryException(text, fault)
            : new ModelRejectedException($"The network failed to run: {text}.", fault);
    }
}
