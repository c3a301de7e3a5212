using System.Runtime.InteropServices;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch;

/// <summary>libtorch as this process finds it.</summary>
internal static class TorchRuntime
{
    private const int MaxLength = 300;
    private static readonly Lazy<string?> Fault = new(TryLoad);

    /// <summary>Whether libtorch can be used; <paramref name="missing"/> says why not and how to get it.</summary>
    public static bool IsAvailable(out string? missing)
    {
        missing = Fault.Value;
        return missing is null;
    }

    /// <summary>Resolves <see cref="DeviceKind.Auto"/>; says in <paramref name="note"/> when the CPU stands in for a GPU.</summary>
    /// <exception cref="ModelRejectedException">libtorch is missing, or CUDA was asked for and there is none.</exception>
    public static DeviceKind Resolve(DeviceKind asked, out string? note)
    {
        note = null;
        if (!IsAvailable(out var missing))
        {
            throw new ModelRejectedException(missing!);
        }

        if (asked == DeviceKind.Cpu)
        {
            return DeviceKind.Cpu;
        }

        if (cuda.is_available())
        {
            return DeviceKind.Cuda;
        }

        const string None = "the libtorch in use finds no CUDA device";
        if (asked == DeviceKind.Cuda)
        {
            throw new ModelRejectedException($"The device 'cuda' is not available: {None}.");
        }

        note = $"Ran on the CPU: {None}.";
        return DeviceKind.Cpu;
    }

    /// <summary>Whether an exception is libtorch's word on an operation.</summary>
    public static bool IsTorchFault(Exception fault) => fault is ExternalException or ArgumentException or InvalidOperationException or OverflowException;

    /// <summary>The first line of libtorch's message, which goes on with source positions.</summary>
    public static string Clean(string message)
    {
        var line = message.AsSpan().Trim();
        var end = line.IndexOf('\n');
        var text = (end < 0 ? line : line[..end]).Trim().TrimEnd('.').ToString();
        return text.Length > MaxLength ? text[..MaxLength] + "…" : text.Length == 0 ? "libtorch gave no reason" : text;
    }

    private static string? TryLoad()
    {
        try
        {
            NativeEnvironment.Prepare();
            LibtorchLoader.Prepare();
            TorchThreads.Settle();
            using var probe = zeros(1);
            return null;
        }
        catch (Exception fault) when (fault is DllNotFoundException or TypeInitializationException or NotSupportedException or BadImageFormatException or FileNotFoundException or ExternalException)
        {
            var cause = fault is TypeInitializationException { InnerException: { } inner } ? inner : fault;
            return $"libtorch cannot be used: {cause.Message.Trim().TrimEnd('.')}.";
        }
    }
}
