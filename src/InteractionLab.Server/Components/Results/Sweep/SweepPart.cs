using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Server.Components.Charts;

namespace InteractionLab.Server.Components.Results.Sweep;

/// <summary>One view of a sweep's distributions over orders: a whole, and a part of it.</summary>
/// <param name="Name">In the address.</param>
/// <param name="Title">What a person reads.</param>
/// <param name="Whole">What the pale bars are.</param>
/// <param name="Part">What the full bars are.</param>
/// <param name="Of">Its numbers at one order.</param>
internal sealed record SweepPart(string Name, string Title, string Whole, string Part, Func<SweepOrder, OrderPart> Of)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<SweepPart> All { get; } =
    [
        new("preserved", "Salient and preserved", "salient", "preserved", o => new(o.Order, o.Positive, o.Negative, o.PreservedPositive, o.PreservedNegative)),
        new("generalizable", "Salient and generalizable", "salient", "generalizable", o => new(o.Order, o.Positive, o.Negative, o.GeneralizablePositive, o.GeneralizableNegative)),
        new("removed", "Removed", "removed", "generalizable", o => new(o.Order, o.Positive - o.PreservedPositive, o.Negative - o.PreservedNegative, o.RemovedGenPositive, o.RemovedGenNegative)),
        new("emerged", "Emerged", "emerged", "generalizable", o => new(o.Order, o.EmergedPositive, o.EmergedNegative, o.EmergedGenPositive, o.EmergedGenNegative)),
    ];

    /// <summary>The orders of a point.</summary>
    public OrderPart[] Orders(SweepPoint point) => [.. point.Orders.Select(Of)];
}
