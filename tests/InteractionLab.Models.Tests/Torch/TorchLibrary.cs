using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>The package brings libtorch: a test that finds none fails.</summary>
internal static class TorchLibrary
{
    public static void Require()
    {
        var found = TorchRuntime.IsAvailable(out var missing);
        Assert.True(found, missing);
    }
}
