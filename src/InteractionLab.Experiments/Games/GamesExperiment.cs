using System.Numerics;
using System.Text.Json;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Experiments.Games;

/// <summary>The kind <c>games</c>.</summary>
public sealed class GamesExperiment : Experiment<GamesSpec, GamesResult>
{
    private const long HeaderBytes = 2048;

    /// <inheritdoc/>
    public override string Kind => "games";

    /// <inheritdoc/>
    public override string Title => "Games";

    /// <inheritdoc/>
    public override string Description => "Takes tables of 2^n outputs computed elsewhere and rewrites each as AND and OR interactions; with multi-order strengths, Shapley values and joint decompositions of pairs.";

    private protected override GamesSpec Read(SpecObject fields) => GamesSpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(GamesSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        CatalogDataset? dataset = null;
        if (spec.Games?.Dataset is { } id)
        {
            dataset = await catalog.FindDatasetAsync(id, cancellation).ConfigureAwait(false);
            CheckDataset(id, dataset, faults);
        }
        else if (spec.Games?.Tables is { } tables)
        {
            CheckTables(tables, faults);
        }

        if (spec.Pairs is not null && spec.Interactions.Solver == SolverKind.Paper)
        {
            faults.Add("interactions.solver", "the paper's solver has no joint form: use certified or half, or ask for no pairs");
        }

        var count = spec.Games?.Tables?.Count ?? dataset?.Summary.Count;
        if (count is { } games)
        {
            CheckAgainstCount(spec, games, faults);
        }

        if (spec.Games is null || count is null || !faults.IsClean("games"))
        {
            return null;
        }

        var length = spec.Games.Tables?[0].Length ?? dataset!.Summary.SampleShape[0];
        return LayOut(spec, dataset, count.Value, BitOperations.Log2((uint)length), catalog);
    }

    private static GamesPlan LayOut(GamesSpec spec, CatalogDataset? dataset, int count, int players, ILabCatalog catalog)
    {
        var pairs = spec.Pairs ?? [];

        // A game: four tables in its cell and four in the artifacts. A pair: two of each type in its cell.
        var bytes = (((8L * count) + (4L * pairs.Count)) * (sizeof(double) << players)) + ((count + (long)pairs.Count) * HeaderBytes);
        return new GamesPlan(spec, dataset, players, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(spec, LabJson.Options),
            Cells = [.. Enumerable.Range(0, count).Select(game => $"game/{game}"), .. pairs.Select(pair => $"pair/{pair[0]}-{pair[1]}")],
            Games = count,
            Datasets = dataset is null ? [] : [dataset.Id],
            Estimate = new ExperimentEstimate(0, bytes),
        };
    }

    private static void CheckDataset(string id, CatalogDataset? dataset, SpecFaults faults)
    {
        if (dataset is null)
        {
            faults.Add("games", $"there is no dataset '{id}'");
        }
        else if (dataset.Summary.Kind != SampleKind.Games)
        {
            faults.Add("games", $"the dataset '{id}' holds samples, not tables of outputs; upload an npz with v [games, 2^n]");
        }
        else if (dataset.Summary.SampleShape.Count != 1 || GamesSpec.FaultOfLength(dataset.Summary.SampleShape[0]) is not null)
        {
            faults.Add("games", $"a game of the dataset {(dataset.Summary.SampleShape.Count == 1 ? GamesSpec.FaultOfLength(dataset.Summary.SampleShape[0]) : $"has shape {Shapes.Show(dataset.Summary.SampleShape)}")}");
        }
    }

    private static void CheckTables(IReadOnlyList<double[]> tables, SpecFaults faults)
    {
        for (var game = 0; game < tables.Count; game++)
        {
            for (var mask = 0; mask < tables[game].Length; mask++)
            {
                if (Math.Abs(tables[game][mask]) > Game.LargestValue)
                {
                    faults.Add($"games[{game}][{mask}]", "is beyond 1e300: interactions could leave the range of a double");
                }
            }
        }
    }

    private static void CheckAgainstCount(GamesSpec spec, int games, SpecFaults faults)
    {
        if (spec.Names is not null && spec.Names.Count != games)
        {
            faults.Add("names", $"{spec.Names.Count} names for {games} games");
        }

        for (var i = 0; i < (spec.Pairs?.Count ?? 0) && faults.IsClean("pairs"); i++)
        {
            for (var end = 0; end < 2; end++)
            {
                if (spec.Pairs![i][end] >= games)
                {
                    faults.Add($"pairs[{i}][{end}]", $"game {spec.Pairs[i][end]} is outside 0..{games - 1}");
                }
            }
        }
    }
}
