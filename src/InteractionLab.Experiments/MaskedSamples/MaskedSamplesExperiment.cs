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

    /// <inheritdoc/>
    public override string Kind => "masked-samples";

    /// <inheritdoc/>
    public override string Title => "Masked samples";

    /// <inheritdoc/>
    public override string Description => "Runs a network on every masked version of some samples and rewrites its outputs as AND and OR interactions between the players.";

    private protected override MaskedSamplesSpec Read(SpecObject fields) => MaskedSamplesSpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(MaskedSamplesSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var ask = await ModelReadings.AskAsync(spec, spec.Dataset, catalog, cancellation).ConfigureAwait(false);
        var models = await NetworkGames.FindModelsAsync([("model", spec.Model)], ask, catalog, faults, cancellation).ConfigureAwait(false);
        var games = await NetworkGames.LayOutAsync(spec, models, catalog, faults, cancellation).ConfigureAwait(false);
        return games is null ? null : LayOut(games, models[0].Model, catalog, faults);
    }

    private static MaskedSamplesPlan? LayOut(NetworkGames games, CatalogModel? model, ILabCatalog catalog, SpecFaults faults)
    {
        var (samples, players) = (games.Samples.Keys.Count, games.PlayerCount);
        var rows = games.Rows + games.Samples.MostPredictions + games.AttributionPasses;
        if (rows > catalog.MaxForwardPasses)
        {
            faults.Add("samples", $"{samples} samples of {players} players need {rows} forward passes; one job may ask for {catalog.MaxForwardPasses}");
        }

        if (model is null || !faults.IsClean("model"))
        {
            return null;
        }

        var spec = (MaskedSamplesSpec)games.Spec;
        return new MaskedSamplesPlan(spec, model, games, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(spec, LabJson.Options),
            Cells = games.Samples.Keys,
            Games = samples,
            Models = [model.Id],
            Datasets = [games.Dataset.Id],
            Estimate = new ExperimentEstimate(rows, Bytes(spec, samples, players), HeadPasses: games.HeadPasses(1), Note: games.Warning),
        };
    }

    private static long Bytes(MaskedSamplesSpec spec, long samples, int players)
    {
        // A cell: v, and, or; and δ where it is not all 0. The artifacts: all four.
        var arrays = (spec.Interactions.Solver == SolverKind.Half || spec.Interactions.Noise == 0 ? 3 : 4) + 4;
        return samples * ((arrays * sizeof(double) << players) + HeaderBytes);
    }
}
