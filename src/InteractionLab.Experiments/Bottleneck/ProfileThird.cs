namespace InteractionLab.Experiments.Bottleneck;

/// <summary>A third of the orders.</summary>
public enum ProfileThird
{
    /// <summary>m/(n-2) below 1/3.</summary>
    Low,

    /// <summary>Between, 1/3 and 2/3 included.</summary>
    Middle,

    /// <summary>Above 2/3.</summary>
    High,
}

/// <summary>The thirds of a profile.</summary>
public static class ProfileThirds
{
    private const double Slack = 1e-9;

    /// <summary>All of them, from low to high.</summary>
    public static IReadOnlyList<ProfileThird> All { get; } = Enum.GetValues<ProfileThird>();

    /// <summary>The ratio m/(n-2) of an order, 0..1; 0 where n = 2 has no other.</summary>
    /// <param name="order">m, 0 to n-2.</param>
    /// <param name="players">n, at least 2.</param>
    public static double Ratio(int order, int players) => players == 2 ? 0 : (double)order / (players - 2);

    /// <summary>The third that an order lies in.</summary>
    /// <param name="order">m, 0 to n-2.</param>
    /// <param name="players">n, at least 2.</param>
    public static ProfileThird Of(int order, int players) => Ratio(order, players) switch
    {
        < (1 / 3.0) - Slack => ProfileThird.Low,
        > (2 / 3.0) + Slack => ProfileThird.High,
        _ => ProfileThird.Middle,
    };

    /// <summary>The share of a third in the strength of all measured orders, 0..1; null where every interaction is 0.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="range">The third.</param>
    public static double? ShareOf(ModelProfile profile, ProfileThird range)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.Reduced is { } strength ? strength.Where((_, k) => Of(profile.Orders[k], profile.N) == range).Sum() / strength.Sum() : null;
    }

    /// <summary>The share that a third would have if the measured orders were equally strong: thirds hold unequal numbers of them.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="range">The third.</param>
    public static double FlatShareOf(ModelProfile profile, ProfileThird range)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.Orders.Average(order => Of(order, profile.N) == range ? 1.0 : 0);
    }
}
