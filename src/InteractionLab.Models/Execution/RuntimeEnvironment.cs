using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Execution;

/// <summary>The process-wide ONNX Runtime environment: created once, silent, with the CUDA provider where one is found.</summary>
internal static class RuntimeEnvironment
{
    private const string CudaLibrary = "libonnxruntime_providers_cuda.so";
    private const string CudaRegistration = "InteractionLab.Cuda";
    private static readonly Lazy<OrtEnv> Instance = new(Create);
    private static readonly Lazy<(OrtEpDevice? Device, string? Missing)> CudaDevice = new(FindCuda);

    /// <summary>The environment.</summary>
    public static OrtEnv Environment => Instance.Value;

    /// <summary>The first CUDA device, or null with the reason in <paramref name="missing"/>.</summary>
    public static OrtEpDevice? Cuda(out string? missing)
    {
        (var device, missing) = CudaDevice.Value;
        return device;
    }

    private static OrtEnv Create()
    {
        // Errors reach callers as exceptions; ONNX Runtime's own log would repeat names from uploaded files on the console.
        if (OrtEnv.IsCreated)
        {
            return OrtEnv.Instance();
        }

        var options = new EnvironmentCreationOptions { logId = "InteractionLab", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        return OrtEnv.CreateInstanceWithOptions(ref options);
    }

    private static (OrtEpDevice?, string?) FindCuda()
    {
        // Before the provider is loaded, which is large and says no more than that one of its own libraries is missing.
        if (!NativeLibrary.TryLoad("libcuda.so.1", out _))
        {
            return (null, "this machine has no NVIDIA driver");
        }

        var library = new[] { AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native") }
            .Select(folder => Path.Combine(folder, CudaLibrary))
            .FirstOrDefault(File.Exists);
        if (library is null)
        {
            return (null, "this build has no CUDA provider");
        }

        try
        {
            Environment.RegisterExecutionProviderLibrary(CudaRegistration, library);
        }
        catch (OnnxRuntimeException fault)
        {
            return (null, $"the CUDA provider cannot be loaded ({RuntimeMessages.Clean(fault.Message)})");
        }

        var device = Environment.GetEpDevices().FirstOrDefault(candidate =>
            candidate.EpName.Contains("CUDA", StringComparison.OrdinalIgnoreCase) && candidate.HardwareDevice.Type == OrtHardwareDeviceType.GPU);
        return device is null ? (null, "the CUDA provider finds no GPU") : (device, null);
    }
}
