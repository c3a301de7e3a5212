using InteractionLab.Models.Masking;

namespace InteractionLab.Models.Execution;

/// <summary>A device that a runtime can use here.</summary>
/// <param name="Kind"><see cref="DeviceKind.Cpu"/> or <see cref="DeviceKind.Cuda"/>.</param>
/// <param name="Name">The maker's name for it where known.</param>
/// <param name="MemoryBytes">Its memory; for the CPU what the process may use; null where unknown.</param>
public sealed record RuntimeDevice(DeviceKind Kind, string Name, long? MemoryBytes);

/// <summary>What ONNX Runtime is on this machine.</summary>
/// <param name="Version">ONNX Runtime's version.</param>
/// <param name="Devices">The CPU, then CUDA devices that the provider library finds.</param>
public sealed record OnnxRuntimeInfo(string Version, IReadOnlyList<RuntimeDevice> Devices)
{
    /// <summary>Asks ONNX Runtime; loads the CUDA provider where its library is present.</summary>
    public static OnnxRuntimeInfo Read()
    {
        var environment = RuntimeEnvironment.Environment;
        List<RuntimeDevice> devices = [Hardware.Cpu];
        if (RuntimeEnvironment.Cuda(out _) is { } cuda)
        {
            devices.Add(Hardware.Gpu(0, cuda.HardwareDevice.Vendor));
        }

        return new OnnxRuntimeInfo(environment.GetVersionString(), devices);
    }
}
