using InteractionLab.Experiments.Cells;
using InteractionLab.Server.Components.Charts;
using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Results;

/// <summary>One sample: its strongest interactions as a table and on the picture, and its fidelity.</summary>
public sealed partial class InteractionsTab
{
    private (GameDetail? Game, ReportedGame Sample)? shown;
    private ChartSpec? fidelity;
    private ChartSpec? orders;

    /// <summary>The job.</summary>
    [Parameter, EditorRequired]
    public JobContext Context { get; set; } = default!;

    /// <summary>The sample chosen.</summary>
    [Parameter, EditorRequired]
    public ReportedGame Sample { get; set; } = default!;

    /// <summary>How many interactions are shown.</summary>
    [Parameter]
    public int K { get; set; }

    /// <summary>The row chosen, from 1.</summary>
    [Parameter]
    public int? Row { get; set; }

    /// <summary>Asks for other selections.</summary>
    [Parameter]
    public EventCallback<Change> OnQuery { get; set; }

    private string? Picture => Context.Picture(Sample.Index);

    private IReadOnlyList<ShownInteraction> Remember(GameDetail? game)
    {
        if (shown is not { } before || !ReferenceEquals(before.Game, game) || !ReferenceEquals(before.Sample, Sample))
        {
            shown = (game, Sample);
            orders = ResultCharts.Orders(Sample.Orders);
            fidelity = game is null || game.Index != Sample.Index ? null : GameCharts.Fidelity(game, Context.PlayersOf(Sample));
        }

        return JobContext.Strongest(Sample, game?.Index == Sample.Index ? game : null, K);
    }

    private ShownInteraction? Chosen(IReadOnlyList<ShownInteraction> items) => Row is { } row && row >= 1 && row <= items.Count ? items[row - 1] : null;
}
