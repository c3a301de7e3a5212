using System.Globalization;
using Google.Protobuf;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Execution;

/// <summary>Opens ONNX Runtime sessions the way the lab runs networks.</summary>
internal static class NetworkSession
{
    /// <summary>Folding happens when a session opens; a small file must not be able to fill the memory then.</summary>
    internal const string FoldedBytes = "268435456";

    /// <summary>Resolves <see cref="DeviceKind.Auto"/>; says in <paramref name="note"/> when the CPU stands in for a GPU.</summary>
    /// <exception cref="ModelRejectedException">CUDA was asked for and there is none.</exception>
    public static DeviceKind Resolve(DeviceKind asked, out string? note)
    {
        note = null;
        if (asked == DeviceKind.Cpu || RuntimeEnvironment.Cuda(out var missing) is not null)
        {
            return asked == DeviceKind.Cpu ? DeviceKind.Cpu : DeviceKind.Cuda;
        }

        if (asked == DeviceKind.Cuda)
        {
            throw new ModelRejectedException($"The device 'cuda' is not available: {missing}.");
        }

        note = $"Ran on the CPU: {missing}.";
        return DeviceKind.Cpu;
    }

    /// <summary>Opens a session with all graph optimisations. <paramref name="device"/> is resolved.</summary>
    public static InferenceSession Open(ModelProto model, DeviceKind device, int? threads)
    {
        _ = RuntimeEnvironment.Environment;
        using var options = Options(device, threads);
        try
        {
            return new InferenceSession(model.ToByteArray(), options);
        }
        catch (OnnxRuntimeException fault)
        {
            throw new ModelRejectedException($"ONNX Runtime cannot run this model: {RuntimeMessages.Clean(fault.Message)}.", fault);
        }
    }

    /// <summary>The options of every network session; also what benchmarks compare with.</summary>
    public static SessionOptions Options(DeviceKind device, int? threads)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableCpuMemArena = true,
            EnableMemoryPattern = true,
        };
        options.AddSessionConfigEntry("session.load_model_format", "ONNX");

        options.AddSessionConfigEntry("optimization.constant_folding_max_output_size_in_bytes", FoldedBytes);

        // Workers that spin while they wait take the processor from other jobs; on a busy machine that costs far more
        // than waking them does on an idle one.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.IntraOpNumThreads = threads ?? ProcessorShare.Threads;

        if (device == DeviceKind.Cuda && RuntimeEnvironment.Cuda(out _) is { } cuda)
        {
            // Products rounded to 10 bits would be another function than the CPU's.
            var provider = new Dictionary<string, string> { ["use_tf32"] = "0" };
            if (DeviceMemory.GpuLimit is { } bytes)
            {
                provider["gpu_mem_limit"] = bytes.ToString(CultureInfo.InvariantCulture);
            }

            options.AppendExecutionProvider(RuntimeEnvironment.Environment, [cuda], provider);
        }

        return options;
    }
}
