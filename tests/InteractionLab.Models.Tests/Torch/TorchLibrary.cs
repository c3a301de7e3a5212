using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>Skips tests that need libtorch where there is none; the test script installs it.</summary>
internal static class TorchLibrary
{
    public static void Require()
    {
        var found = TorchRuntime.IsAvailable(out var missing);
        Assert.SkipUnless(found, missing ?? "");
    }
}
