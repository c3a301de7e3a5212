namespace InteractionLab.Server.Components.Results;

/// <summary>One interaction in two games.</summary>
/// <param name="IsAnd">AND, else OR.</param>
/// <param name="Mask">T.</param>
/// <param name="A">I_T in the first.</param>
/// <param name="B">I_T in the second.</param>
public sealed record EffectPair(bool IsAnd, int Mask, double A, double B)
{
    /// <summary>Second minus first.</summary>
    public double Difference => B - A;

    /// <summary>Players of T.</summary>
    public IReadOnlyList<int> Members => ShownInteraction.MembersOf(Mask);

    /// <summary>The interactions that are above a threshold in at least one of two games with the same number of players.</summary>
    public static IReadOnlyList<EffectPair> Of(double[] andA, double[] orA, double thresholdA, double[] andB, double[] orB, double thresholdB)
    {
        var pairs = new List<EffectPair>();
        for (var mask = 1; mask < Math.Min(andA.Length, andB.Length); mask++)
        {
            if (Math.Abs(andA[mask]) > thresholdA || Math.Abs(andB[mask]) > thresholdB)
            {
                pairs.Add(new(true, mask, andA[mask], andB[mask]));
            }

            if (Math.Abs(orA[mask]) > thresholdA || Math.Abs(orB[mask]) > thresholdB)
            {
                pairs.Add(new(false, mask, orA[mask], orB[mask]));
            }
        }

        return pairs;
    }
}
