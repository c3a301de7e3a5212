namespace InteractionLab.Models.Execution;

/// <summary>The memory that networks may take on a GPU: one limit for the process, which the server sets before anything runs.</summary>
public static class DeviceMemory
{
    private static long gpuLimit;

    /// <summary>Bytes that one network's session may take from a GPU for its tensors; null for what the GPU has.</summary>
    public static long? GpuLimit => Volatile.Read(ref gpuLimit) is > 0 and var bytes ? bytes : null;

    /// <summary>Sets the limit of sessions opened from here on. It holds for ONNX Runtime; libtorch has none.</summary>
    /// <param name="bytes">At least 1; null for no limit.</param>
    public static void LimitGpu(long? bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes ?? 1, 1, nameof(bytes));
        Volatile.Write(ref gpuLimit, bytes ?? 0);
    }
}
