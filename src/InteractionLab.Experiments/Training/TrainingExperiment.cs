using System.Globalization;
using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;
using InteractionLab.Models.Training.Terms;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Experiments.Training;

/// <summary>The kind <c>training</c>.</summary>
public sealed class TrainingExperiment : Experiment<TrainingSpec, TrainingResult>
{
    /// <summary>
    /// What a training step costs in forward passes a sample: one forward, and a backward that computes the gradients of
    /// activations and of weights, each about as much work again.
    /// </summary>
    internal const int PassesOfAStep = 3;

    // Names, shapes and nodes of a graph beside its weights, roughly.
    private const long GraphBytes = 16 << 10;
    private const long CellBytes = 1 << 10;

    /// <inheritdoc/>
    public override string Kind => "training";

    /// <inheritdoc/>
    public override string Title => "Training";

    /// <inheritdoc/>
    public override string Description => "Trains a network and keeps it as models at chosen epochs, with pruning and rewinding where asked for.";

    private protected override TrainingSpec Read(SpecObject fields) => TrainingSpecReader.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(TrainingSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        TrainingFit.CheckTorch(spec.Device, faults);
        var model = spec.Model is null ? null : await catalog.FindModelAsync(spec.Model, cancellation).ConfigureAwait(false);
        if (spec.Model is not null && model is null)
        {
            faults.Add("model", $"there is no model '{spec.Model}'");
        }

        var train = await FindAsync(catalog, spec.Train, "train", faults, cancellation).ConfigureAwait(false);
        var test = await FindAsync(catalog, spec.Test, "test", faults, cancellation).ConfigureAwait(false);
        CheckEpochs(spec, faults);
        var classes = train?.Summary.Classes;
        OutputReading? reading = null;
        TensorSummary? input = null;
        if (model is not null)
        {
            TrainingFit.CheckModel(model.Summary, faults);
            reading = await Task.Run(() => TrainedOutput.Check(model, TrainedOutput.Ask(spec, train?.Summary), faults), cancellation).ConfigureAwait(false);
            input = ModelReadings.InputOf(model, TrainedOutput.Ask(spec, train?.Summary));
            classes = reading?.Classes;
        }
        else if (spec.Architecture is not null)
        {
            CheckUnused(spec, faults);
        }

        if (train is not null)
        {
            TrainingFit.CheckDataset(train.Summary, "train.dataset", input, faults);
            TrainingFit.CheckAugmentation(spec.Augment.Settings, train.Summary, faults);
            if (spec.Architecture is not null && faults.IsClean("train.dataset"))
            {
                ModelZoo.Check(spec.Architecture, ZooInput.Of(train.Summary), (field, why) => faults.Add(field.Length == 0 ? "architecture" : $"architecture.{field}", why));
            }
        }

        if (test is not null)
        {
            TrainingFit.CheckDataset(test.Summary, "test.dataset", input, faults);
            TrainingFit.CheckAlike(train?.Summary, test.Summary, faults);
        }

        var masked = await MaskedTraining.CheckAsync(spec, train, classes, catalog, faults, cancellation).ConfigureAwait(false);
        return await Task.Run(() => LayOut(masked?.Spec ?? spec, masked, model, train, test, reading, classes, catalog, faults), cancellation).ConfigureAwait(false);
    }

    private static async Task<CatalogDataset?> FindAsync(ILabCatalog catalog, SplitSpec split, string field, SpecFaults faults, CancellationToken cancellation)
    {
        var path = $"{field}.dataset";
        if (!faults.IsClean(path) || (!faults.IsClean(field) && split.Dataset.Length == 0))
        {
            return null;
        }

        var dataset = await catalog.FindDatasetAsync(split.Dataset, cancellation).ConfigureAwait(false);
        if (dataset is null)
        {
            faults.Add(path, $"there is no dataset '{split.Dataset}'");
        }

        return dataset;
    }

    /// <summary>A network of the zoo has one input, of samples, and one output, of logits.</summary>
    private static void CheckUnused(TrainingSpec spec, SpecFaults faults)
    {
        foreach (var (field, isGiven) in new[] { ("inputs", spec.Inputs is not null), ("output", spec.Output is not null), ("outputAs", spec.OutputAs is not null) })
        {
            if (isGiven)
            {
                faults.Add(field, "is of a registered model; networks of the zoo have one input and one output, of logits");
            }
        }
    }

    private static void CheckEpochs(TrainingSpec spec, SpecFaults faults)
    {
        if (!faults.AreClean("epochs", "prune", "snapshots"))
        {
            return;
        }

        if (spec.TotalEpochs > TrainingSpecReader.MostEpochs)
        {
            faults.Add("prune", $"{spec.Rounds} rounds of {spec.Epochs} epochs are {spec.TotalEpochs}; a job may have {TrainingSpecReader.MostEpochs}");
            return;
        }

        foreach (var epoch in (spec.Snapshots.Epochs ?? []).Where(epoch => epoch > spec.TotalEpochs))
        {
            faults.Add("snapshots", string.Create(CultureInfo.InvariantCulture, $"epoch {epoch} is outside 0..{spec.TotalEpochs}"));
        }
    }

    private static TrainingPlan? LayOut(TrainingSpec spec, MaskedTraining? masked, CatalogModel? model, CatalogDataset? train, CatalogDataset? test, OutputReading? reading, int? classes, ILabCatalog catalog, SpecFaults faults)
    {
        var notes = new List<string>(reading?.Notes ?? []);
        var trained = TrainingFit.Samples(spec.Train, train, "train", classes, notes, faults);
        var tested = TrainingFit.Samples(spec.Test, test, "test", classes, notes, faults);
        if (trained is null || tested is null || train is null || test is null || !faults.AreClean("epochs", "prune"))
        {
            return null;
        }

        if (faults.AreClean("architecture", "model", "inputs", "output", "outputAs", "train.dataset", "batchSize", "device"))
        {
            TrainingFit.CheckNeeds(spec, model, train, trained.Length, faults);
        }

        var passes = Passes(spec, trained.Length, tested.Length);
        if (passes > catalog.MaxForwardPasses)
        {
            faults.Add("epochs", string.Create(CultureInfo.InvariantCulture, $"{spec.TotalEpochs} epochs of {trained.Length} training and {tested.Length} test samples count as {passes} forward passes; one job may ask for {catalog.MaxForwardPasses}"));
        }

        if (!faults.AreClean("architecture", "model", "inputs", "output", "outputAs", "batchSize", "train", "test", "modulation", "penalty", "players", "baseline"))
        {
            return null;
        }

        var filled = spec with { Train = Filled(spec.Train, train), Test = Filled(spec.Test, test) };
        var rate = RateKey(filled, model, train);
        if (train.Id == test.Id && trained.Intersect(tested).Count() is > 0 and var shared)
        {
            notes.Insert(0, $"{shared} of the {tested.Length} test samples are training samples too.");
        }

        return new TrainingPlan(filled, masked, model, train, test, trained, tested, notes, catalog, rate)
        {
            Spec = JsonSerializer.SerializeToElement(filled, LabJson.Options),
            Estimate = new ExperimentEstimate(passes, Bytes(filled, model, train), Note: notes.Count == 0 ? null : string.Join(' ', notes)),
        };
    }

    private static SplitSpec Filled(SplitSpec split, CatalogDataset dataset) =>
        split with { Samples = split.Samples ?? new SampleSelection.ByRange(0, dataset.Summary.Count) };

    /// <summary>Epoch 0 evaluates both sets; every other epoch trains on one and evaluates the other.</summary>
    private static long Passes(TrainingSpec spec, long train, long test) =>
        train + test + (spec.TotalEpochs * ((PassesOfAStep * train) + test + LossTerms.PassesOfEpoch(spec.Modulation, spec.Penalty?.Settings, train, spec.BatchSize)));

    private static long Bytes(TrainingSpec spec, CatalogModel? model, CatalogDataset train)
    {
        var size = model is not null ? new FileInfo(model.Path).Length : GraphBytes + (sizeof(float) * ModelZoo.Parameters(spec.Architecture!, ZooInput.Of(train.Summary)));
        return (size * Enumerable.Range(0, spec.TotalEpochs + 1).Count(spec.IsSnapshot)) + (CellBytes * (spec.TotalEpochs + 1));
    }

    private static string RateKey(TrainingSpec spec, CatalogModel? model, CatalogDataset train) =>
        string.Create(CultureInfo.InvariantCulture, $"train {(model is null ? spec.Architecture!.ToString() : model.Sha256)} {Shapes.Show(train.Summary.SampleShape)} {spec.BatchSize} {spec.Device} {spec.Augment.Settings} {spec.Modulation.Count} {spec.Penalty is not null}");
}
