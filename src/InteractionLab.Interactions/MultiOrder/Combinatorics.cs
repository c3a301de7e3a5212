namespace InteractionLab.Interactions;

/// <summary>Binomial coefficients of table sizes.</summary>
internal static class Combinatorics
{
    /// <summary>C(n, k), exact for the n ≤ 24 of a table; 0 outside 0 ≤ k ≤ n.</summary>
    public static double Binomial(int n, int k)
    {
        if (k < 0 || k > n)
        {
            return 0;
        }

        var value = 1.0;
        for (var i = 1; i <= Math.Min(k, n - k); i++)
        {
            // Each partial product is itself a binomial coefficient, so the division leaves no remainder.
            value = value * (n - Math.Min(k, n - k) + i) / i;
        }

        return value;
    }
}
