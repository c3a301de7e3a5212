using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Execution;

/// <summary>Which device a choice means on this machine, by executor.</summary>
public static class NetworkDevice
{
    /// <summary><see cref="DeviceKind.Cpu"/> or <see cref="DeviceKind.Cuda"/>.</summary>
    /// <exception cref="ModelRejectedException">The executor is missing, or CUDA was asked for and it has none.</exception>
    public static DeviceKind Resolve(DeviceKind asked, NetworkExecutor executor = NetworkExecutor.OnnxRuntime) =>
        Placement.Resolve(executor, asked, null, out _).Device;

    /// <summary>What a reader should know of the choice (the CPU stands in for a GPU); null where nothing.</summary>
    /// <exception cref="ModelRejectedException">The executor is missing, or CUDA was asked for and it has none.</exception>
    public static string? Note(DeviceKind asked, NetworkExecutor executor = NetworkExecutor.OnnxRuntime)
    {
        Placement.Resolve(executor, asked, null, out var note);
        return note;
    }

    /// <summary>Threads of a network's run on the CPU; the last bits of its outputs may depend on them.</summary>
    public static int Threads(NetworkExecutor executor) => new Placement(executor, DeviceKind.Cpu, null).ThreadsUsed;

    /// <summary>Why an executor cannot be used here, with the command that helps; null where it can.</summary>
    public static string? Missing(NetworkExecutor executor)
    {
        if (executor == NetworkExecutor.OnnxRuntime)
        {
            return null;
        }

        TorchRuntime.IsAvailable(out var missing);
        return missing;
    }
}
