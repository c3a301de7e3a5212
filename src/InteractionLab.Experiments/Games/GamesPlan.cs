using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Experiments.Games;

/// <summary>A games job laid out: one cell a game, then one a pair.</summary>
internal sealed class GamesPlan(GamesSpec spec, CatalogDataset? dataset, int players, ILabCatalog catalog) : GamePlanBase, IWorkPlan
{
    /// <inheritdoc/>
    public override string Unit => spec.Pairs is null ? "games" : "games and pairs";

    /// <inheritdoc/>
    protected override SalienceRule Salience => spec.Salience.Options;

    /// <inheritdoc/>
    public override Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(this, catalog, cancellation);

    /// <inheritdoc/>
    public Workload Work()
    {
        // As many as there are processors are decomposed beside each other.
        var beside = (double)Math.Min(GamesRun.Beside, Math.Max(Cells.Count, 1));
        return new Workload()
            .AddSolves(spec.Interactions, players, Games / beside)
            .AddMultiOrder(players, Games / beside)
            .AddSolves(spec.Interactions, players, Pairs / beside, joint: true)
            .AddStorage("games", Cells.Count);
    }

    /// <inheritdoc/>
    public override Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) => Task.Run<IExperimentRun>(
        () => new GamesRun(spec, Games, players, new GameTablesSource(spec.Games!.Tables, dataset is null ? null : DatasetReader.Open(dataset.Folder)), catalog.Rates),
        cancellation);

    /// <inheritdoc/>
    protected override ExperimentOutput Complete(ICellSource cells, CancellationToken cancellation)
    {
        var report = GameReport.Build(GameCells.Open(cells, Games, cancellation), Salience, Shape, cancellation);
        var pairs = ReadPairs(cells, cancellation);
        var games = report.Samples.Cast<GameResult>().ToArray();
        var result = new GamesResult
        {
            Samples = games,
            Pairs = pairs,
            Orders = report.Orders,
            Threshold = report.Threshold,
            Sparsity = report.Sparsity,
            StrengthCurve = report.StrengthCurve,
            Finished = report.Games.Finished + pairs.Count,
            Total = Cells.Count,
            Notes = Describe(report, pairs),
        };
        return new ExperimentOutput(result, [.. report.Tables, .. GamesTables.Of(games, pairs)], report.Artifacts);
    }

    /// <inheritdoc/>
    protected override PairDetail? ReadPair(ICellSource cells, int pair)
    {
        using var stream = cells.Open(Games + pair);
        return stream is null ? null : CellFile.Named(Games + pair, () => PairCell.Read(stream));
    }

    private static GameResult Shape(SampleResult sample, GameHeader header) => new(sample)
    {
        Name = header.Name!,
        Strength = header.MultiOrder!.Strength,
        Shapley = header.MultiOrder.Shapley,
        ShapleyInteraction = header.MultiOrder.ShapleyInteraction,
    };

    private List<PairResult> ReadPairs(ICellSource cells, CancellationToken cancellation)
    {
        var pairs = new List<PairResult>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stream = cells.Open(Games + pair);
            if (stream is not null)
            {
                pairs.Add(CellFile.Named(Games + pair, () => CellFile.Read<PairResult>(stream).Content));
            }
        }

        return pairs;
    }

    private List<string> Describe(GameReport report, List<PairResult> pairs)
    {
        var notes = report.Notes.ToList();
        if (pairs.Count < Pairs)
        {
            notes.Add($"Partial: {pairs.Count} of {Pairs} pairs are finished.");
        }

        if (pairs.Count(pair => !pair.Converged) is > 0 and var missed)
        {
            notes.Add($"The gap asked for was not reached in {missed} of {pairs.Count} pairs; gap says how far from the optimum each can be.");
        }

        return notes;
    }
}
