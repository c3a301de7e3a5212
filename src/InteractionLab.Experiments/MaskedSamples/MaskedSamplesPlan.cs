using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>A masked-samples job laid out: one cell a sample.</summary>
internal sealed class MaskedSamplesPlan(
    MaskedSamplesSpec spec, CatalogModel model, CatalogDataset dataset, SamplePlan samples, PlayerPlan players, RateMemory rates) : GamePlanBase
{
    /// <inheritdoc/>
    public override string Unit => "samples";

    /// <inheritdoc/>
    protected override SalienceRule Salience => spec.Salience.Options;

    /// <inheritdoc/>
    public override Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) => Task.Run<IExperimentRun>(() => Start(cancellation), cancellation);

    /// <inheritdoc/>
    protected override ExperimentOutput Complete(ICellSource cells, CancellationToken cancellation)
    {
        var report = GameReport.Build(GameCells.Open(cells, Games, cancellation), Salience, (sample, _) => sample, cancellation);
        var result = new MaskedSamplesResult
        {
            Samples = report.Samples,
            Orders = report.Orders,
            Threshold = report.Threshold,
            Sparsity = report.Sparsity,
            StrengthCurve = report.StrengthCurve,
            Finished = report.Games.Finished,
            Total = report.Games.Total,
            Notes = players.Note is null ? report.Notes : [players.Note, .. report.Notes],
        };
        return new ExperimentOutput(result, report.Tables, report.Artifacts);
    }

    private MaskedSamplesRun Start(CancellationToken cancellation)
    {
        MaskedModel? network = null;
        IDataset? opened = null;
        try
        {
            network = MaskedModel.Build(
                OnnxModel.Load(File.ReadAllBytes(model.Path)),
                dataset.Summary.SampleShape,
                new MaskedModelOptions(spec.Value!.Type, spec.Cut, spec.Device, spec.Batch.Number));
            cancellation.ThrowIfCancellationRequested();
            opened = DatasetReader.Open(dataset.Folder);
            return new MaskedSamplesRun(spec, model.Sha256, dataset.Summary.SampleShape, samples, players, network, opened, rates);
        }
        catch (Exception exception)
        {
            network?.Dispose();
            opened?.Dispose();
            if (exception is ModelRejectedException)
            {
                throw new ExperimentException($"The model '{model.Name}' cannot be masked: {exception.Message}", exception);
            }

            throw;
        }
    }
}
