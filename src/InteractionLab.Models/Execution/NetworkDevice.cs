using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Execution;

/// <summary>Which device a choice means on this machine.</summary>
public static class NetworkDevice
{
    /// <summary><see cref="DeviceKind.Cpu"/> or <see cref="DeviceKind.Cuda"/>.</summary>
    /// <exception cref="ModelRejectedException">CUDA was asked for and there is none.</exception>
    public static DeviceKind Resolve(DeviceKind asked) => NetworkSession.Resolve(asked, out _);

    /// <summary>What a reader should know of the choice (the CPU stands in for a GPU); null where nothing.</summary>
    /// <exception cref="ModelRejectedException">CUDA was asked for and there is none.</exception>
    public static string? Note(DeviceKind asked)
    {
        NetworkSession.Resolve(asked, out var note);
        return note;
    }
}
