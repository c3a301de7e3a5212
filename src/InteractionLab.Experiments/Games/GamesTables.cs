namespace InteractionLab.Experiments.Games;

using InteractionLab.Experiments.Cells;

/// <summary>The tables that only games have.</summary>
internal static class GamesTables
{
    /// <summary><c>strength</c> (J by order), <c>shapley</c>, <c>shapley-interaction</c> (i &lt; j) and <c>pairs</c>.</summary>
    public static IReadOnlyList<ResultTable> Of(IReadOnlyList<GameResult> games, IReadOnlyList<PairResult> pairs) =>
    [
        new("strength", ["index", "order", "strength"], [.. games.SelectMany(game => (game.Strength ?? []).Select((j, m) => Row(game.Index, m, j)))]),
        new("shapley", ["index", "player", "value"], [.. games.SelectMany(game => game.Shapley.Select((value, player) => Row(game.Index, player, value)))]),
        new("shapley-interaction", ["index", "i", "j", "value"], [.. games.SelectMany(Interactions)]),
        new("pairs", ["a", "b", "jointObjective", "jointLowerBound", "gap", "iterations", "converged"], [.. pairs.Select(pair => Row(pair.A, pair.B, pair.JointObjective, pair.JointLowerBound, pair.Gap, pair.Iterations, pair.Converged ? 1 : 0))]),
    ];

    private static IEnumerable<IReadOnlyList<object?>> Interactions(GameResult game)
    {
        for (var i = 0; i < game.Shapley.Count; i++)
        {
            for (var j = i + 1; j < game.Shapley.Count; j++)
            {
                yield return Row(game.Index, i, j, game.ShapleyInteraction[i][j]);
            }
        }
    }

    private static IReadOnlyList<object?> Row(params IReadOnlyList<object?> values) => values;
}
