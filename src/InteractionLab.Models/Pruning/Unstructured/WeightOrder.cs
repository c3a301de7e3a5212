using InteractionLab.Interactions;

namespace InteractionLab.Models.Pruning.Unstructured;

/// <summary>The order in which weights become zero. Weights that are zero already come first in every order.</summary>
internal static class WeightOrder
{
    /// <summary>Positions by ascending magnitude; equal magnitudes by position.</summary>
    public static int[] Magnitude(double[] weights)
    {
        var keys = Array.ConvertAll(weights, Math.Abs);
        var order = Enumerable.Range(0, keys.Length).ToArray();
        Array.Sort(keys, order);

        // Sorting by key alone leaves runs of equal keys in no particular order.
        for (int start = 0, end; start < keys.Length; start = end)
        {
            for (end = start + 1; end < keys.Length && keys[end] == keys[start]; end++)
            {
            }

            Array.Sort(order, start, end - start);
        }

        return order;
    }

    /// <summary>Positions in an order drawn from the seed, behind those of the zeros.</summary>
    public static int[] Random(double[] weights, ulong seed)
    {
        var drawn = new PortableRandom(unchecked((long)seed)).Draw(Enumerable.Range(0, weights.Length), weights.Length);
        return [.. drawn.Where(i => weights[i] == 0), .. drawn.Where(i => weights[i] != 0)];
    }
}
