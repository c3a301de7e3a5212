using InteractionLab.Models.Masking;
using InteractionLab.Models.Training;

namespace InteractionLab.Experiments.Tests.Training;

/// <summary>Skips tests that need libtorch where there is none; the test script installs it.</summary>
internal static class Libtorch
{
    public static void Require()
    {
        var missing = Trainer.Unavailable(DeviceKind.Cpu);
        Assert.SkipUnless(missing is null, missing ?? "");
    }
}
