using InteractionLab.Interactions;
using InteractionLab.Server.Components.Results;

namespace InteractionLab.Server.Components.Charts;

/// <summary>
/// The AND-OR logical model as a graph: players in the middle row, AND interactions above them, OR interactions below,
/// each joined to its players. Colour is the sign of the effect, width its size.
/// </summary>
internal static class LogicalGraph
{
    private const double ThickestLine = 6;
    private const int FitsSquare = 4;
    private const int LongestName = 14;

    /// <summary>Draws a logical model.</summary>
    /// <param name="interactions">Its interactions.</param>
    /// <param name="players">What player i is.</param>
    /// <param name="map">Names of players.</param>
    /// <param name="among">Where two models stand side by side, the interactions of both, with the larger effect: an interaction then has one place and one scale in the two.</param>
    public static ChartSpec Of(IReadOnlyList<ShownInteraction> interactions, IReadOnlyList<int> players, PlayerMap map, IReadOnlyList<ShownInteraction>? among = null)
    {
        var n = players.Count;
        var largest = (among ?? interactions).Select(i => Math.Abs(i.Effect)).DefaultIfEmpty(1).Max();
        List<Node> Row(InteractionType type, int side) => Own(Place([.. (among ?? interactions).Where(i => i.Type == type)], n, side), among is null ? null : interactions);
        var ands = Row(InteractionType.And, 1);
        var ors = Row(InteractionType.Or, -1);
        List<Node> all = [.. ands, .. ors];
        string[] names = [.. Enumerable.Range(0, n).Select(i => Short(map.Name(players, i)))];
        var upright = names.Any(name => name.Length > FitsSquare);
        var traces = new List<object>();
        foreach (var node in all.OrderBy(node => Math.Abs(node.Interaction.Effect)))
        {
            traces.Add(Edges(node, Math.Abs(node.Interaction.Effect) / largest));
        }

        traces.Add(Nodes("AND, positive", "circle", ChartSpec.Positive, [.. ands.Where(a => a.Interaction.Effect >= 0)], largest, players, map));
        traces.Add(Nodes("AND, negative", "circle", ChartSpec.Negative, [.. ands.Where(a => a.Interaction.Effect < 0)], largest, players, map));
        traces.Add(Nodes("OR, positive", "diamond", ChartSpec.Positive, [.. ors.Where(a => a.Interaction.Effect >= 0)], largest, players, map));
        traces.Add(Nodes("OR, negative", "diamond", ChartSpec.Negative, [.. ors.Where(a => a.Interaction.Effect < 0)], largest, players, map));
        traces.Add(new
        {
            type = "scatter",
            mode = "markers+text",
            name = "players",
            x = Enumerable.Range(0, n).ToArray(),
            y = new double[n],
            text = upright ? new string[n] : names,
            textposition = "middle center",
            textfont = new { size = 11, color = "@text" },
            cliponaxis = false,
            showlegend = false,
            marker = new { size = 28, symbol = "square", color = "@card", line = new { color = ChartSpec.Neutral, width = 1.5 } },
            hovertext = Enumerable.Range(0, n).Select(i => map.Name(players, i)).ToArray(),
            hovertemplate = "player %{hovertext}<extra></extra>",
        });
        return new(traces, new
        {
            hovermode = "closest",
            margin = new { l = 12, r = 12, t = 12, b = 12 },
            annotations = upright ? names.Select(Upright).ToArray() : [],
            xaxis = new { visible = false, showgrid = false, zeroline = false, range = new[] { -0.8, n - 0.2 } },
            yaxis = new { visible = false, showgrid = false, zeroline = false, range = new[] { ors.Count > 0 || among is not null ? -1.45 : -0.35, ands.Count > 0 || among is not null ? 1.45 : 0.35 } },
        });
    }

    // Nodes of a row are ordered by the mean position of their players, then spread evenly in two staggered lines.
    private static List<Node> Place(List<ShownInteraction> row, int n, int side)
    {
        List<ShownInteraction> ordered = [.. row.OrderBy(i => i.Members.Average()).ThenBy(i => i.Members.Count)];
        return [.. ordered.Select((interaction, at) => new Node(
            interaction,
            ordered.Count == 1 ? (n - 1) / 2.0 : -0.3 + at * (n - 0.4) / (ordered.Count - 1),
            side * (at % 2 == 0 ? 1.0 : 1.25)))];
    }

    // The nodes of one model's own interactions among the places of two.
    private static List<Node> Own(List<Node> places, IReadOnlyList<ShownInteraction>? own) => own is null ? places :
    [
        .. from place in places
           let mine = own.FirstOrDefault(i => i.Type == place.Interaction.Type && i.Members.SequenceEqual(place.Interaction.Members))
           where mine is not null
           select place with { Interaction = mine },
    ];

    private static object Edges(Node node, double share)
    {
        var x = new List<double?>();
        var y = new List<double?>();
        foreach (var member in node.Interaction.Members)
        {
            x.AddRange([node.X, member, null]);
            y.AddRange([node.Y, 0, null]);
        }

        return new
        {
            type = "scatter",
            mode = "lines",
            x,
            y,
            hoverinfo = "skip",
            showlegend = false,
            opacity = 0.35 + 0.5 * share,
            line = new { color = node.Interaction.Effect >= 0 ? ChartSpec.Positive : ChartSpec.Negative, width = 1 + (ThickestLine - 1) * share, dash = node.Interaction.Type == InteractionType.Or ? "dot" : "solid" },
        };
    }

    private static object Nodes(string name, string symbol, string colour, List<Node> nodes, double largest, IReadOnlyList<int> players, PlayerMap map) => new
    {
        type = "scatter",
        mode = "markers",
        name,
        x = nodes.Select(a => a.X).ToArray(),
        y = nodes.Select(a => a.Y).ToArray(),
        cliponaxis = false,
        text = nodes.Select(a => $"{a.Interaction.TypeName} {map.Names(players, a.Interaction.Members)}").ToArray(),
        customdata = nodes.Select(a => a.Interaction.Effect).ToArray(),
        marker = new { symbol, color = colour, opacity = 1, size = nodes.Select(a => 9 + 11 * Math.Abs(a.Interaction.Effect) / largest).ToArray(), line = new { color = "@card", width = 1.5 } },
        visible = nodes.Count > 0 ? (object)true : "legendonly",
        showlegend = nodes.Count > 0,
        hovertemplate = "%{text}<br>I = %{customdata:.4g}<extra></extra>",
    };

    // A name that fits no square stands in a box of its own over it.
    private static object Upright(string name, int at) => new
    {
        xref = "x",
        yref = "y",
        x = at,
        y = 0,
        text = name,
        textangle = -90,
        showarrow = false,
        font = new { size = 11, color = "@text" },
        bgcolor = "@card",
        bordercolor = ChartSpec.Neutral,
        borderwidth = 1.5,
        borderpad = 4,
    };

    // Names of one table often begin alike: the end is kept as well as the beginning.
    internal static string Short(string name) => name.Length <= LongestName ? name : $"{name[..6]}…{name[^(LongestName - 7)..]}";

    private sealed record Node(ShownInteraction Interaction, double X, double Y);
}
