using System.Text.Json;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;

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
        var model = faults.IsClean("model") ? await catalog.FindModelAsync(spec.Model, cancellation).ConfigureAwait(false) : null;
        if (model is null && faults.IsClean("model"))
        {
            faults.Add("model", $"there is no model '{spec.Model}'");
        }

        var dataset = faults.IsClean("dataset") ? await catalog.FindDatasetAsync(spec.Dataset, cancellation).ConfigureAwait(false) : null;
        if (dataset is null && faults.IsClean("dataset"))
        {
            faults.Add("dataset", $"there is no dataset '{spec.Dataset}'");
        }

        if (spec.Device == DeviceKind.Cuda && faults.IsClean("device") && OnnxRuntimeInfo.Read().Devices.All(device => device.Kind != DeviceKind.Cuda))
        {
            faults.Add("device", "there is no CUDA device here; use auto or cpu");
        }

        var classes = model is null ? null : ModelFit.CheckModel(model.Summary, faults);
        if (dataset is not null)
        {
            ModelFit.CheckDataset(dataset.Summary, faults.IsClean("model") ? model?.Summary : null, faults);
        }

        if (dataset?.Summary.Kind is not (SampleKind.Image or SampleKind.Tabular))
        {
            ModelFit.CheckClass(spec.Value?.Target, classes, faults);
            return null;
        }

        return await Task.Run(() => LayOut(spec, model, dataset, classes, catalog.MaxForwardPasses, faults), cancellation).ConfigureAwait(false);
    }

    private MaskedSamplesPlan? LayOut(MaskedSamplesSpec spec, CatalogModel? model, CatalogDataset dataset, int? classes, long mostPasses, SpecFaults faults)
    {
        var shape = dataset.Summary.SampleShape;
        IReadOnlyList<int>? labels;
        using (var opened = DatasetReader.Open(dataset.Folder))
        {
            labels = opened.Labels;
        }

        // Against a dataset that does not fit the model, only what is asked of the dataset alone can be judged.
        var fits = faults.IsClean("dataset");
        if (fits)
        {
            spec.Baseline?.Check(shape, faults);
        }

        var players = fits && spec.Players is not null ? PlayerPlan.Create(spec.Players, shape, spec.Outside == OutsideKind.Keep, faults) : null;
        var samples = spec.Samples is not null && faults.IsClean("samples")
            ? SamplePlan.Create(spec.Samples, dataset.Summary.Count, dataset.Summary.Classes, labels, faults)
            : null;
        var value = ModelFit.CheckTarget(spec.Value, labels, samples, classes, faults);
        if (players is null || samples is null || value is null)
        {
            return null;
        }

        var rows = ((long)samples.Keys.Count << players.Count) + samples.MostPredictions;
        if (rows > mostPasses)
        {
            faults.Add("samples", $"{samples.Keys.Count} samples of {players.Count} players need {rows} forward passes; one job may ask for {mostPasses}");
        }

        if (model is null || !faults.IsClean("model"))
        {
            return null;
        }

        var filled = spec with { Value = value };
        return new MaskedSamplesPlan(filled, model, dataset, samples, players, _rates)
        {
            Spec = JsonSerializer.SerializeToElement(filled, LabJson.Options),
            Cells = samples.Keys,
            Games = samples.Keys.Count,
            Models = [model.Id],
            Datasets = [dataset.Id],
            Estimate = new ExperimentEstimate(rows, Bytes(filled, samples.Keys.Count, players.Count), Seconds(filled, model, rows, samples.Keys.Count, players.Count)),
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
