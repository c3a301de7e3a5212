using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;
using InteractionLab.Models.Training;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Experiments.Training;

/// <summary>A training job laid out: a cell for the network before training, then one an epoch, each going on from the one before.</summary>
internal sealed class TrainingPlan(
    TrainingSpec spec, MaskedTraining? masked, CatalogModel? model, CatalogDataset train, CatalogDataset test, int[] trained, int[] tested, IReadOnlyList<string> notes, ILabCatalog catalog, string rateKey) : IExperimentPlan, IWorkPlan
{
    // How much of the real thing an estimate runs.
    private const double GaugeSeconds = 0.7;
    private const int MostGaugeBatches = 20;

    /// <inheritdoc/>
    public required JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cells { get; } = [.. Enumerable.Range(0, spec.TotalEpochs + 1).Select(epoch => string.Create(CultureInfo.InvariantCulture, $"epoch/{epoch}"))];

    /// <inheritdoc/>
    public string Unit => "epochs";

    /// <inheritdoc/>
    public int Uncounted => 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Models { get; } = [.. new[] { model?.Id, masked?.Reference?.Id }.OfType<string>().Distinct()];

    /// <inheritdoc/>
    public IReadOnlyList<string> Datasets { get; } = train.Id == test.Id ? [train.Id] : [train.Id, test.Id];

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) => Task.Run<IExperimentRun>(() => Start(context), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) =>
        Task.Run(() => TrainingReport.Build(cells, spec, notes, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(this, catalog, cancellation);

    /// <inheritdoc/>
    public Workload Work() => new Workload()
        .Add(rateKey, Estimate.ForwardPasses, new Gauge(Time))
        .AddStorage("training", Cells.Count);

    /// <summary>Trains a few batches of the real thing and evaluates as many samples as an epoch does for them.</summary>
    private void Time(GaugeRun run)
    {
        using var data = DatasetReader.Open(train.Folder);
        using var testData = DatasetReader.Open(test.Folder);
        var seconds = Epoch(Math.Min(spec.BatchSize, trained.Length), record: false).Seconds;
        var batches = Math.Clamp((int)(GaugeSeconds / Math.Max(seconds, 1e-3)), 1, MostGaugeBatches);
        Epoch(Math.Min(batches * spec.BatchSize, trained.Length), record: true);

        (double Seconds, long Passes) Epoch(int count, bool record)
        {
            var tests = Math.Clamp((int)((long)count * tested.Length / trained.Length), 1, tested.Length);
            var (trainSamples, testSamples) = (new TrainingSamples(data, trained[..count]), new TrainingSamples(testData, tested[..tests]));
            var terms = masked?.Terms(data);
            using var trainer = terms is null
                ? Trainer.Create(Initial().Model, trainSamples, testSamples, Settings())
                : Trainer.Create(Initial().Model, trainSamples, testSamples, Settings(), terms);
            var metrics = trainer.RunEpoch(null, run.Cancellation);
            var time = metrics.StepTime + metrics.EvaluationTime;
            if (record)
            {
                run.Note(rateKey, metrics.Passes, time);
            }

            return (time.TotalSeconds, metrics.Passes);
        }
    }

    /// <summary>The network before it is trained, which is as fast as after.</summary>
    public NetworkFile Network()
    {
        var bytes = Initial().Model.ToBytes();
        return new NetworkFile("the network to be trained", Convert.ToHexStringLower(SHA256.HashData(bytes)), () => bytes, new OutputAsk());
    }

    private (OnnxModel Model, Func<OnnxModel, OnnxModel> Restore) Initial() => model is null
        ? (ModelZoo.Build(spec.Architecture!, ZooInput.Of(train.Summary), spec.Seed), trained => trained)
        : TrainedOutput.Open(model, TrainedOutput.Ask(spec, train.Summary));

    private TrainingRun Start(IJobContext context)
    {
        var datasets = new List<IDataset>();
        try
        {
            datasets.Add(DatasetReader.Open(train.Folder));
            datasets.Add(DatasetReader.Open(test.Folder));
            var (initial, restore) = Initial();
            var (trainSamples, testSamples) = (new TrainingSamples(datasets[0], trained), new TrainingSamples(datasets[1], tested));
            var terms = masked?.Terms(datasets[0]);
            return new TrainingRun(spec, context, Create, restore, datasets, catalog.Rates, rateKey);

            Trainer Create() => terms is null
                ? Trainer.Create(initial, trainSamples, testSamples, Settings())
                : Trainer.Create(initial, trainSamples, testSamples, Settings(), terms);
        }
        catch
        {
            datasets.ForEach(dataset => dataset.Dispose());
            throw;
        }
    }

    private TrainingSettings Settings() => new()
    {
        Epochs = spec.Epochs,
        BatchSize = spec.BatchSize,
        Optimizer = spec.Optimizer.Settings,
        Schedule = spec.Schedule.Settings,
        Augment = spec.Augment.Settings,
        LabelSmoothing = spec.LabelSmoothing,
        Seed = spec.Seed,
        Device = spec.Device,
        PruneRate = spec.Prune?.Rate,
    };
}
