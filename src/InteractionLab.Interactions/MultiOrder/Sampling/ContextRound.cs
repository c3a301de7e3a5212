namespace InteractionLab.Interactions;

/// <summary>An unordered pair of players, I &lt; J.</summary>
public readonly record struct PlayerPair(int I, int J);

/// <summary>
/// One Δv(i,j,S) of a round: <paramref name="Order"/> and <paramref name="Pair"/> are places in the sampler's lists,
/// <paramref name="Group"/> the jackknife group of its draw, and the last four places in the round's masks:
/// Δv = v[Both] - v[OnlyI] - v[OnlyJ] + v[Neither].
/// </summary>
public readonly record struct ContextTerm(int Order, int Pair, int Group, int Both, int OnlyI, int OnlyJ, int Neither);

/// <summary>The masks to evaluate in one round of sampling, each once, and the differences they give.</summary>
/// <param name="Masks">Distinct masks.</param>
/// <param name="Terms">Every pair and order has as many of them as contexts were asked for.</param>
public sealed record ContextRound(MaskList Masks, IReadOnlyList<ContextTerm> Terms);
