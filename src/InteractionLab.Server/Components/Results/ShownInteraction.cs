using System.Numerics;
using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Server.Components.Results;

/// <summary>One interaction as tables and charts show it.</summary>
/// <param name="Type">AND or OR.</param>
/// <param name="Members">Players of T, 0..n-1.</param>
/// <param name="Effect">I_T.</param>
/// <param name="Salient">Whether |I_T| is above the threshold.</param>
public sealed record ShownInteraction(InteractionType Type, IReadOnlyList<int> Members, double Effect, bool Salient)
{
    /// <summary>AND or OR, as the papers write it.</summary>
    public string TypeName => Type == InteractionType.And ? "AND" : "OR";

    /// <summary>From a game.</summary>
    public static ShownInteraction From(Interaction interaction, double threshold) =>
        new(interaction.Type, MembersOf(interaction.Mask), interaction.Effect, Math.Abs(interaction.Effect) > threshold);

    /// <summary>From a report.</summary>
    public static ShownInteraction From(TopInteraction top) => new(top.Type, top.Players, top.Effect, top.Salient);

    /// <summary>The players of a mask, ascending.</summary>
    public static IReadOnlyList<int> MembersOf(int mask)
    {
        var members = new List<int>();
        for (var rest = (uint)mask; rest != 0; rest &= rest - 1)
        {
            members.Add(BitOperations.TrailingZeroCount(rest));
        }

        return members;
    }
}
