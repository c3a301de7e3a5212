using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Tests.Torch.Memory;

/// <summary>Memory that holds NaN: what reads cells that nobody wrote then shows it.</summary>
internal static class PoisonedMemory
{
    private const int Largest = 19;

    /// <summary>Leaves NaN in the freed memory that tensors of up to 2 MB are made in next.</summary>
    public static void Prepare(int largest = Largest)
    {
        using var scope = NewDisposeScope();
        for (var power = 3; power <= largest; power++)
        {
            for (var copy = 0; copy < 3; copy++)
            {
                _ = full([1L << power], double.NaN, ScalarType.Float32);
                _ = full([3L << (power - 1)], double.NaN, ScalarType.Float32);
            }
        }
    }
}
