using InteractionLab.Experiments.Cells;
using InteractionLab.Server.Components.Results;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of one game, or of two.</summary>
internal static class GameCharts
{
    private const int CurvePoints = 600;
    private const int Differences = 15;

    /// <summary>v sorted ascending, with the logical model's output beside it.</summary>
    public static ChartSpec Fidelity(GameDetail game, PlayerMap players)
    {
        var curve = game.FidelityCurve(CurvePoints);
        int[] x = [.. curve.Select(p => p.Rank)];
        string[] text = [.. curve.Select(p => players.Names(game.Players, ShownInteraction.MembersOf(p.Mask)))];
        return new(
        [
            new { type = "scatter", mode = "markers", name = "logical model ĝ", x, y = curve.Select(p => p.G).ToArray(), text, marker = new { color = ChartSpec.Negative, size = 4, opacity = 0.75 }, hovertemplate = "%{text}<br>ĝ = %{y:.4g}<extra></extra>" },
            new { type = "scatter", mode = "lines", name = "network v", x, y = curve.Select(p => p.V).ToArray(), text, line = new { color = ChartSpec.Positive, width = 2.5 }, hovertemplate = "%{text}<br>v = %{y:.4g}<extra></extra>" },
        ],
        new { xaxis = new { title = new { text = "masks, sorted by v" } }, yaxis = new { title = new { text = "output" } } });
    }

    /// <summary>J by order.</summary>
    public static ChartSpec Strength(IReadOnlyList<double> strength) => new(
    [
        new
        {
            type = "scatter", mode = "lines+markers", name = "J", x = Enumerable.Range(0, strength.Count).ToArray(), y = strength,
            line = new { color = ChartSpec.And, width = 2 }, marker = new { color = ChartSpec.And, size = 7 }, hovertemplate = "m = %{x}<br>J = %{y:.4g}<extra></extra>",
        },
    ],
    new { showlegend = false, xaxis = new { title = new { text = "order m (context size)" }, dtick = 1 }, yaxis = new { title = new { text = "relative strength J" }, rangemode = "tozero" } });

    /// <summary>Shapley values by player.</summary>
    public static ChartSpec Shapley(ReportedGame game, PlayerMap players) => new(
    [
        new
        {
            type = "bar", x = Names(game, players), y = game.Shapley, hovertemplate = "player %{x}<br>%{y:.4g}<extra></extra>",
            marker = new { color = game.Shapley!.Select(v => v >= 0 ? ChartSpec.Positive : ChartSpec.Negative).ToArray() },
        },
    ],
    new { showlegend = false, xaxis = new { type = "category", title = new { text = "player" } }, yaxis = new { title = new { text = "Shapley value" } } });

    /// <summary>Pairwise Shapley interaction as a heat map: colours diverge around 0.</summary>
    public static ChartSpec ShapleyInteraction(ReportedGame game, PlayerMap players)
    {
        var matrix = game.ShapleyInteraction!;
        var size = matrix.SelectMany(row => row).Select(Math.Abs).DefaultIfEmpty(0).Max();
        var limit = size > 0 ? size : 1;
        // The diagonal is no pair.
        var z = matrix.Select((row, i) => row.Select((v, j) => i == j ? (double?)null : v).ToArray()).ToArray();
        return new(
        [
            new
            {
                type = "heatmap", x = Names(game, players), y = Names(game, players), z, zmin = -limit, zmax = limit, xgap = 1, ygap = 1, hoverongaps = false,
                colorscale = new object[] { new object[] { 0, ChartSpec.Negative }, new object[] { 0.5, "@card" }, new object[] { 1, ChartSpec.Positive } },
                colorbar = new { thickness = 12, outlinewidth = 0 }, hovertemplate = "%{y}, %{x}<br>%{z:.4g}<extra></extra>",
            },
        ],
        new { xaxis = new { type = "category", title = new { text = "player" }, showgrid = false }, yaxis = new { type = "category", autorange = "reversed", showgrid = false } });
    }

    /// <summary>Effects of the same interactions in two games, one axis each.</summary>
    public static ChartSpec EffectsOfTwo(IReadOnlyList<EffectPair> pairs, string nameA, string nameB, PlayerMap players, IReadOnlyList<int> names)
    {
        var limit = pairs.Select(p => Math.Max(Math.Abs(p.A), Math.Abs(p.B))).DefaultIfEmpty(1).Max() * 1.08;
        object Dots(string type, string colour, string symbol, List<EffectPair> of) => new
        {
            type = "scatter",
            mode = "markers",
            name = type,
            x = of.Select(p => p.A).ToArray(),
            y = of.Select(p => p.B).ToArray(),
            text = of.Select(p => players.Names(names, p.Members)).ToArray(),
            marker = new { color = colour, symbol, size = 9, opacity = 0.8 },
            hovertemplate = $"{type} %{{text}}<br>%{{x:.4g}} → %{{y:.4g}}<extra></extra>",
        };
        return new(
        [
            new { type = "scatter", mode = "lines", name = "equal", x = new[] { -limit, limit }, y = new[] { -limit, limit }, line = new { color = ChartSpec.Neutral, width = 1, dash = "dot" }, hoverinfo = "skip" },
            Dots("AND", ChartSpec.And, "circle", [.. pairs.Where(p => p.IsAnd)]),
            Dots("OR", ChartSpec.Or, "diamond", [.. pairs.Where(p => !p.IsAnd)]),
        ],
        new { xaxis = new { zeroline = true, title = new { text = "I in " + Plot.Plain(nameA) }, range = new[] { -limit, limit } }, yaxis = new { title = new { text = "I in " + Plot.Plain(nameB) }, range = new[] { -limit, limit } } });
    }

    /// <summary>The interactions whose effects differ most.</summary>
    public static ChartSpec DifferencesOfTwo(IReadOnlyList<EffectPair> pairs, PlayerMap players, IReadOnlyList<int> names)
    {
        List<EffectPair> largest = [.. pairs.Where(p => p.Difference != 0).OrderByDescending(p => Math.Abs(p.Difference)).Take(Differences).Reverse()];
        return new(
        [
            new
            {
                type = "bar", orientation = "h", y = largest.Select(p => $"{(p.IsAnd ? "AND" : "OR")} {Short(players.Names(names, p.Members))}").ToArray(), x = largest.Select(p => p.Difference).ToArray(),
                text = largest.Select(p => players.Names(names, p.Members)).ToArray(), textposition = "none",
                marker = new { color = largest.Select(p => p.Difference >= 0 ? ChartSpec.Positive : ChartSpec.Negative).ToArray() }, hovertemplate = "%{text}<br>difference %{x:.4g}<extra></extra>",
            },
        ],
        new { showlegend = false, xaxis = new { zeroline = true, title = new { text = "second − first" } }, yaxis = new { type = "category", tickfont = new { size = 11 } } });
    }

    private static string[] Names(ReportedGame game, PlayerMap players) => [.. Enumerable.Range(0, game.Players.Count).Select(i => players.Name(game.Players, i))];

    private static string Short(string names) => names.Length <= 22 ? names : names[..21] + "…";
}
