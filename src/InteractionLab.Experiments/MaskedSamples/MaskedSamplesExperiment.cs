using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>The kind <c>masked-samples</c>.</summary>
public sealed class MaskedSamplesExperiment : Experiment<MaskedSamplesSpec, MaskedSamplesResult>
{
    // Header of a cell without its arrays, roughly.
    private const long HeaderBytes = 1024;
    private readonly RateMemory _rates = new();

    /// <inheritdoc/>
    public override string Kind => "masked-samples";

    /// <inheritdoc/>
    public override string Title => "Masked samples";

    /// <inheritdoc/>
    public override string Description => "Runs a network on every masked version of some samples and rewrites its outputs as AND and OR interactions between the players.";

    private protected override MaskedSamplesSpec Read(SpecObject fields) => MaskedSamplesSpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(MaskedSamplesSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var models = await NetworkGames.FindModelsAsync([("model", spec.Model)], catalog, faults, cancellation).ConfigureAwait(false);
        var games = await NetworkGames.LayOutAsync(spec, models, catalog, faults, cancellation).ConfigureAwait(false);
        return games is null ? null : LayOut(games, models[0].Model, catalog.MaxForwardPasses, faults);
    }

    private MaskedSamplesPlan? LayOut(NetworkGames games, CatalogModel? model, long mostPasses, SpecFaults faults)
    {
        var (samples, players) = (games.Samples.Keys.Count, games.PlayerCount);
        var rows = games.Rows + games.Samples.MostPredictions;
        if (rows > mostPasses)
        {
            faults.Add("samples", $"{samples} samples of {players} players need {rows} forward passes; one job may ask for {mostPasses}");
        }

        if (model is null || !faults.IsClean("model"))
        {
            return null;
        }

        var spec = (MaskedSamplesSpec)games.Spec;
        return new MaskedSamplesPlan(spec, model, games, _rates)
        {
            Spec = JsonSerializer.SerializeToElement(spec, LabJson.Options),
            Cells = games.Samples.Keys,
            Games = samples,
            Models = [model.Id],
            Datasets = [games.Dataset.Id],
            Estimate = new ExperimentEstimate(rows, Bytes(spec, samples, players), Seconds(spec, model, rows, samples, players)),
        };
    }

    private static long Bytes(MaskedSamplesSpec spec, long samples, int players)
    {
        // A cell: v, and, or; and δ where it is not all 0. The artifacts: all four.
        var arrays = (spec.Interactions.Solver == SolverKind.Half || spec.Interactions.Noise == 0 ? 3 : 4) + 4;
        return samples * ((arrays * sizeof(double) << players) + HeaderBytes);
    }

    private double? Seconds(MaskedSamplesSpec spec, CatalogModel model, long rows, int samples, int players) =>
        (rows * _rates.SecondsPerUnit(RateKeys.Rows(spec, model.Sha256))) + (samples * _rates.SecondsPerUnit(RateKeys.Solve(spec.Interactions, players)));
}
