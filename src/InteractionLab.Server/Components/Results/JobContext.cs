using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Server.Components.Datasets;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results;

/// <summary>A job of games with its report.</summary>
public sealed record JobContext(JobView Job, IReadOnlyList<string> Tables, JobReport Report, DatasetView? Dataset) : ResultContext<JobReport>(Job, Tables, Report)
{
    /// <inheritdoc/>
    public override int Finished => Report.Finished;

    /// <inheritdoc/>
    public override int Total => Report.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;

    /// <summary>The names and places of players.</summary>
    public PlayerMap Players { get; } = new(Job, Dataset);

    /// <summary>The same, with the words that the players of a text are.</summary>
    public PlayerMap PlayersOf(ReportedGame sample) => sample.PlayerNames is { } names ? Players.Called(names) : Players;

    /// <summary>Whether the cells are games that were computed elsewhere.</summary>
    public bool IsGames => Job.Kind == "games";

    /// <summary>What one entry of the report is.</summary>
    public string Noun => IsGames ? "game" : "sample";

    /// <summary>What a sample or game is called.</summary>
    public string Title(ReportedGame sample) =>
        sample.Name is { Length: > 0 } name ? name
        : ClassName(sample.Label) is { } label ? string.Create(CultureInfo.InvariantCulture, $"{sample.Index}: {label}")
        : sample.Label is { } y ? string.Create(CultureInfo.InvariantCulture, $"{sample.Index}, class {y}")
        : sample.Index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The samples or games as a picker offers them.</summary>
    public IReadOnlyList<SampleChoice> Choices => [.. Report.Samples.Select(s => new SampleChoice(s.Index, IsGames ? Title(s) : $"Sample {Title(s)}"))];

    /// <summary>A class by its name where there is one.</summary>
    public string? Class(int? y) => Dataset is not null ? SampleRow.LabelText(Dataset, y) : y?.ToString(CultureInfo.InvariantCulture);

    private string? ClassName(int? y) => y is { } at && Dataset?.ClassNames is { } names && at >= 0 && at < names.Count ? names[at] : null;

    /// <summary>The address of a sample's picture; null where there is none.</summary>
    public string? Picture(int index) => Players.HasPictures ? $"api/v1/datasets/{Players.DatasetId}/samples/{index}/image" : null;

    /// <summary>The strongest interactions of a game, or of the report's list where the game itself cannot be read.</summary>
    public static IReadOnlyList<ShownInteraction> Strongest(ReportedGame sample, GameDetail? game, int k) => game is null
        ? [.. sample.Top.Take(k).Select(ShownInteraction.From)]
        : [.. game.Strongest(k).Select(i => ShownInteraction.From(i, game.Threshold))];
}

/// <summary>A sample or game that can be chosen.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Title">What a person reads.</param>
public sealed record SampleChoice(int Index, string Title);
