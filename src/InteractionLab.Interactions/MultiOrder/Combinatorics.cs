namespace InteractionLab.Interactions;

/// <summary>Binomial coefficients, and subsets in order.</summary>
public static class Combinatorics
{
    /// <summary>C(n, k), exact while it is below 2^53; 0 outside 0 ≤ k ≤ n.</summary>
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

    /// <summary>Moves ascending <paramref name="members"/> of 0..n-1 to the next set of their size; false after the last. The empty set is the only one of its size.</summary>
    internal static bool NextSubset(Span<int> members, int n)
    {
        for (var k = members.Length - 1; k >= 0; k--)
        {
            if (members[k] < n - members.Length + k)
            {
                members[k]++;
                for (var after = k + 1; after < members.Length; after++)
                {
                    members[after] = members[after - 1] + 1;
                }

                return true;
            }
        }

        return false;
    }
}
