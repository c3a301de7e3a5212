using InteractionLab.Models.Masking;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Execution;

/// <summary>A device ONNX Runtime can run on here.</summary>
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
        List<RuntimeDevice> devices = [new(DeviceKind.Cpu, Cpu.Name(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)];
        if (RuntimeEnvironment.Cuda(out _) is { } cuda)
        {
            devices.Add(new RuntimeDevice(DeviceKind.Cuda, Gpu.Name(cuda), Gpu.Memory()));
        }

        return new OnnxRuntimeInfo(environment.GetVersionString(), devices);
    }

    private static class Cpu
    {
        public static string Name()
        {
            const string Info = "/proc/cpuinfo";
            var model = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
            var cores = Environment.ProcessorCount;
            return $"{model?[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "CPU"}, {cores} {(cores == 1 ? "core" : "cores")}";
        }
    }

    private static class Gpu
    {
        // Linux's driver describes each card here; the folder is absent on other systems and in some containers.
        private const string Driver = "/proc/driver/nvidia/gpus";

        public static string Name(OrtEpDevice device)
        {
            var card = Directory.Exists(Driver) ? Directory.EnumerateDirectories(Driver).Order(StringComparer.Ordinal).FirstOrDefault() : null;
            var file = card is null ? null : Path.Combine(card, "information");
            var model = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("Model:", StringComparison.Ordinal)) : null;
            return model?["Model:".Length..].Trim() ?? device.HardwareDevice.Vendor;
        }

        // cudaMemGetInfo has no managed counterpart; reporting nothing is better than a guess.
        public static long? Memory() => null;
    }
}
