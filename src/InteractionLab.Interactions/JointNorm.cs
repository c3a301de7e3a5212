using System.Runtime.CompilerServices;
namespace InteractionLab.Interactions;

/// <summary>
/// The norm of a pair of interactions of two models (method.md §2): |a| + |b| + max(0, a, b) + max(0, -a, -b)
/// = |a| + |b| + max(|a|, |b|, |a - b|). Its dual norm is max(|g|/2, |h|/2, |g + h|/3), whose unit ball is a hexagon.
/// </summary>
internal static class JointNorm
{
    public static double Value(double a, double b) =>
        Math.Abs(a) + Math.Abs(b) + Math.Max(0, Math.Max(a, b)) + Math.Max(0, Math.Max(-a, -b));

    public static double Dual(double g, double h) =>
        Math.Max(Math.Max(Math.Abs(g), Math.Abs(h)) / 2, Math.Abs(g + h) / 3);

    /// <summary>The proximal step by Moreau's identity: the point less its projection onto the scaled dual ball.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Proximal(Span<double> first, Span<double> second, Span<double> firstResult, Span<double> secondResult, double threshold)
    {
        for (var i = 0; i < first.Length; i++)
        {
            var g = Math.Clamp(first[i], -2 * threshold, 2 * threshold);
            var h = Math.Clamp(second[i], -2 * threshold, 2 * threshold);
            if (Math.Abs(g + h) > 3 * threshold)
            {
                // The nearest point lies on the edge g + h = ±3 between (1, 2) and (2, 1).
                var side = Math.Sign(g + h) * threshold;
                var middle = (first[i] - second[i] + (3 * side)) / 2;
                g = side > 0 ? Math.Clamp(middle, side, 2 * side) : Math.Clamp(middle, 2 * side, side);
                h = (3 * side) - g;
            }

            firstResult[i] = first[i] - g;
            secondResult[i] = second[i] - h;
        }
    }
}
