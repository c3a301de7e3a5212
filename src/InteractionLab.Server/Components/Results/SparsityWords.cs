using InteractionLab.Interactions;
using InteractionLab.Server.Components.Shared;

namespace InteractionLab.Server.Components.Results;

/// <summary>The sparsity conditions of a job in one sentence.</summary>
internal static class SparsityWords
{
    private const double Rounding = 1e-12;

    /// <summary>What is said where no mask changes the output.</summary>
    public const string Constant = "The output does not depend on the players.";

    /// <summary>Whether no game of the report has an effect that is not 0.</summary>
    public static bool IsConstant(IReadOnlyList<ReportedGame> games) => games.All(game => game.Top.Count == 0);

    /// <summary>What the checks say; a flat mean is not called a rise.</summary>
    public static string Of(SparsityConditions sparsity, IReadOnlyList<ReportedGame> games)
    {
        if (IsConstant(games))
        {
            return Constant;
        }

        var scale = games.Max(game => Math.Max(Math.Abs(game.VEmpty), Math.Abs(game.VFull)));
        var course = sparsity.MeanOutputByOrder.All(output => Math.Abs(output) <= Rounding * scale) ? "is the same whatever the number of players"
            : sparsity.Monotonic ? "rises with every player" : "is not monotonic";
        return $"Highest salient order {sparsity.HighestSalientOrder}; mean output {course}{(sparsity.Exponent is { } p ? $"; bound holds with p = {Text.Number(p)}" : "")}.";
    }
}
