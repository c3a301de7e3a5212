namespace InteractionLab.Interactions;

/// <summary>
/// The theoretical learning strength of orders (method.md §5; interaction-bottleneck.txt, theorem 1 and section 5.3):
/// F^(m) ∝ (n-1-m)/(n(n-1)) / √C(n-2, m), drawn as F^(m)/F^(0) beside J^(m)/J^(0).
/// </summary>
/// <remarks>
/// With an effective number of players n' ≤ n, order m of 0..n-2 is drawn at m' = m·(n'-2)/(n-2) of 0..n'-2, so that both
/// curves start with one context and end with one. m' and n' need not be whole: C(a, b) is Γ(a+1)/(Γ(b+1)Γ(a-b+1)).
/// </remarks>
/// <param name="NEff">n', 2..n. A fit that ends at 2 (a curve that does not fall) or at n found no n' that describes the profile: see <paramref name="Error"/>.</param>
/// <param name="Curve">F^(m)/F^(0) of the measured orders.</param>
/// <param name="Error">Root mean square of the difference to J^(m)/J^(0); null when the curve was not fitted.</param>
public sealed record TheoryCurve(double NEff, double[] Curve, double? Error)
{
    private const int GridSteps = 400;
    private const double NearEnd = 1e-9;

    /// <summary>The curve for a given n'.</summary>
    /// <param name="players">n, at least 2.</param>
    /// <param name="orders">The measured orders, 0..n-2.</param>
    /// <param name="nEff">n', 2..n.</param>
    public static TheoryCurve For(int players, IReadOnlyList<int> orders, double nEff)
    {
        Check(players, orders);
        if (!(nEff >= 2 && nEff <= players))
        {
            throw new ArgumentOutOfRangeException(nameof(nEff), nEff, "The effective number of players must lie in 2..n.");
        }

        return new TheoryCurve(nEff, Evaluate(players, orders, nEff), null);
    }

    /// <summary>
    /// The curve whose n' in 2..n fits J^(m)/J^(0) best by least squares. Null when order 0 was not measured or J^(0) is 0:
    /// the measured curve has no common starting point then.
    /// </summary>
    /// <param name="players">n, at least 2.</param>
    /// <param name="orders">The measured orders, 0..n-2.</param>
    /// <param name="strength">J^(m) of <paramref name="orders"/>.</param>
    public static TheoryCurve? Fit(int players, IReadOnlyList<int> orders, IReadOnlyList<double> strength)
    {
        Check(players, orders);
        ArgumentNullException.ThrowIfNull(strength);
        if (strength.Count != orders.Count || strength.Any(value => !double.IsFinite(value) || value < 0))
        {
            throw new ArgumentException("There must be one finite strength of at least 0 for every order.", nameof(strength));
        }

        var start = orders.ToList().IndexOf(0);
        if (start < 0 || strength[start] == 0)
        {
            return null;
        }

        var target = strength.Select(value => value / strength[start]).ToArray();
        var best = Minimize(nEff => SquaredError(Evaluate(players, orders, nEff), target), 2, players);
        var curve = Evaluate(players, orders, best);
        return new TheoryCurve(best, curve, Math.Sqrt(SquaredError(curve, target) / target.Length));
    }

    private static double[] Evaluate(int players, IReadOnlyList<int> orders, double nEff)
    {
        var curve = new double[orders.Count];
        for (var k = 0; k < curve.Length; k++)
        {
            var m = players == 2 ? 0 : orders[k] * (nEff - 2) / (players - 2);
            var logBinomial = m == 0 ? 0 : LogGamma(nEff - 1) - LogGamma(m + 1) - LogGamma(nEff - 1 - m);
            curve[k] = (nEff - 1 - m) / (nEff - 1) * Math.Exp(-logBinomial / 2);
        }

        return curve;
    }

    // The error need not be convex in n': a grid finds the valley, golden sections its floor.
    private static double Minimize(Func<double, double> error, double low, double high)
    {
        var step = (high - low) / GridSteps;
        var valley = Enumerable.Range(0, GridSteps + 1).MinBy(i => error(low + i * step));
        var (a, b) = (Math.Max(low, low + (valley - 1) * step), Math.Min(high, low + (valley + 1) * step));
        var ratio = (Math.Sqrt(5) - 1) / 2;
        for (var i = 0; i < 100; i++)
        {
            var (c, d) = (b - ratio * (b - a), a + ratio * (b - a));
            (a, b) = error(c) <= error(d) ? (a, d) : (c, b);
        }

        // An end of the range is a fit as good as any: golden sections only come near it.
        var found = (a + b) / 2;
        return found - low < NearEnd ? low : high - found < NearEnd ? high : new[] { low, high, found }.MinBy(error);
    }

    private static double SquaredError(double[] curve, double[] target) =>
        curve.Zip(target, (f, j) => (f - j) * (f - j)).Sum();

    // log Γ(x) for x > 0: the argument is moved above 10, where five terms of Stirling's series leave 2e-14.
    private static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 10; x++)
        {
            shift -= Math.Log(x);
        }

        var inverse = 1 / (x * x);
        var series = (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse * (1.0 / 1680 - inverse / 1188)))) / x;
        return shift + (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series;
    }

    private static void Check(int players, IReadOnlyList<int> orders)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 2);
        ArgumentNullException.ThrowIfNull(orders);
        if (orders.Count == 0 || orders.Any(m => m < 0 || m > players - 2))
        {
            throw new ArgumentException("Orders must be at least one and lie in 0..n-2.", nameof(orders));
        }
    }
}
