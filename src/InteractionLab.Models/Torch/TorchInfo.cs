using InteractionLab.Models.Execution;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch;

/// <summary>What libtorch is on this machine.</summary>
/// <param name="Version">libtorch's version.</param>
/// <param name="Devices">The CPU, then CUDA devices where the libtorch in use has CUDA.</param>
public sealed record TorchInfo(string Version, IReadOnlyList<RuntimeDevice> Devices)
{
    /// <summary>Loads libtorch and asks it; null where it cannot be loaded, with the reason and the command to run in <paramref name="missing"/>.</summary>
    public static TorchInfo? Read(out string? missing)
    {
        if (!TorchRuntime.IsAvailable(out missing))
        {
            return null;
        }

        List<RuntimeDevice> devices = [Hardware.Cpu];
        for (var i = 0; i < cuda.device_count(); i++)
        {
            devices.Add(Hardware.Gpu(i, $"CUDA device {i}"));
        }

        return new TorchInfo(__version__, devices);
    }
}
