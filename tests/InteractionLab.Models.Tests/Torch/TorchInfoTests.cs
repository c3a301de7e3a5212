using InteractionLab.Models.Masking;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>What the system page says of libtorch.</summary>
public sealed class TorchInfoTests
{
    [Fact]
    public void Libtorch_tells_its_version_and_devices_or_what_to_run()
    {
        var info = TorchInfo.Read(out var missing);
        if (info is null)
        {
            Assert.Contains("libtorch", missing, StringComparison.Ordinal);
            return;
        }

        Assert.Null(missing);
        Assert.True(Version.TryParse(info.Version.Split('+')[0], out _), info.Version);
        Assert.Equal(DeviceKind.Cpu, info.Devices[0].Kind);
        Assert.True(info.Devices[0].MemoryBytes > 0);
        Assert.All(info.Devices.Skip(1), device => Assert.Equal(DeviceKind.Cuda, device.Kind));
    }
}
