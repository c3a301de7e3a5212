using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Tests.Training;

/// <summary>Tests that need libtorch say so and skip where it is missing.</summary>
internal static class TorchTests
{
    public static void Require() => Assert.SkipUnless(TorchRuntime.IsAvailable(out var missing), missing ?? "");
}
