using System.Collections.Concurrent;
using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Training;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Experiments.Training;

/// <summary>Whether network, samples and machine go together, before anything runs.</summary>
internal static class TrainingFit
{
    private const int MostLabelsNamed = 5;

    // By network and shape: a form asks again at every change of another field.
    private static readonly ConcurrentDictionary<string, TrainingNeeds> Known = new(StringComparer.Ordinal);

    /// <summary>libtorch must be there, and CUDA where it is asked for.</summary>
    public static void CheckTorch(DeviceKind device, SpecFaults faults)
    {
        if (faults.IsClean("device") && Trainer.Unavailable(device) is { } why)
        {
            faults.Add("device", why);
        }
    }

    /// <summary>Weights; inputs and output are for <see cref="TrainedOutput"/>.</summary>
    public static void CheckModel(ModelSummary model, SpecFaults faults, string field = "model")
    {
        if (model.Parameters == 0)
        {
            faults.Add(field, "has no weights to train");
        }
    }

    /// <summary>Samples with labels, of the shape that the model takes.</summary>
    public static void CheckDataset(DatasetSummary dataset, string field, TensorSummary? input, SpecFaults faults)
    {
        if (dataset.Kind == SampleKind.Games)
        {
            faults.Add(field, "holds tables of outputs; training takes pictures, tables or text");
        }
        else if (dataset.Classes == 0)
        {
            faults.Add(field, "has no labels");
        }
        else if (input is not null)
        {
            CheckInput(dataset, input, field, faults);
        }
    }

    /// <summary>Samples go through a model; a misfit is recorded at the field.</summary>
    public static void CheckInput(DatasetSummary dataset, TensorSummary input, string field, SpecFaults faults)
    {
        var text = dataset.Kind == SampleKind.Text;
        if (text != input.Type is "int64" or "int32" || (!text && !IsReal(input)))
        {
            faults.Add(field, $"samples are {(text ? "token ids" : "numbers")}, the model's input '{input.Name}' takes {input.Type}");
        }
        else if (input.Shape.Count > 0 && !Accepts([.. input.Shape.Skip(1)], dataset.SampleShape))
        {
            faults.Add(field, $"samples have shape {Shapes.Show(dataset.SampleShape)}, the model's input '{input.Name}' takes {Shapes.Show(input.Shape.Skip(1))} after the batch dimension");
        }
    }

    /// <summary>Training and test samples go through the same network.</summary>
    public static void CheckAlike(DatasetSummary? train, DatasetSummary test, SpecFaults faults)
    {
        if (train is not null && faults.AreClean("train.dataset", "test.dataset")
            && (train.Kind != test.Kind || !train.SampleShape.SequenceEqual(test.SampleShape)))
        {
            faults.Add("test.dataset", $"its samples have shape {Shapes.Show(test.SampleShape)}, those of train {Shapes.Show(train.SampleShape)}");
        }
    }

    /// <summary>Only pictures are cropped and flipped.</summary>
    public static void CheckAugmentation(Augmentation augment, DatasetSummary train, SpecFaults faults)
    {
        if (!augment.IsNone && train.Kind != SampleKind.Image && faults.IsClean("augment"))
        {
            faults.Add("augment", "only pictures are cropped and flipped");
        }
    }

    /// <summary>The network can be trained by torch, on batches of the size asked for.</summary>
    public static void CheckNeeds(TrainingSpec spec, CatalogModel? model, CatalogDataset train, int samples, SpecFaults faults)
    {
        var shape = train.Summary.SampleShape;
        var key = $"{model?.Sha256 ?? $"{spec.Architecture} {train.Summary.Classes}"} {train.Summary.Kind} {Shapes.Show(shape)} {TrainedOutput.Ask(spec, train.Summary)}";
        var needs = Known.GetOrAdd(key, _ => TrainingNeeds.Of(() => model is null ? ModelZoo.Build(spec.Architecture!, ZooInput.Of(train.Summary), seed: 0) : TrainedOutput.Open(model, TrainedOutput.Ask(spec, train.Summary)).Model, shape));
        if (needs.WhyNot is { } why)
        {
            faults.Add(model is null ? "architecture" : "model", $"cannot be trained: {why}");
        }
        else if (needs.Check(spec.BatchSize, samples) is { } fault)
        {
            faults.Add(fault.OfBatchSize ? "batchSize" : "train.samples", fault.Why);
        }
    }

    /// <summary>The samples of a split, all with a label that the network has an output for; null where faults prevent it. What a reader may not expect of their classes is added to the notes.</summary>
    public static int[]? Samples(SplitSpec split, CatalogDataset? dataset, string field, int? classes, List<string> notes, SpecFaults faults)
    {
        if (dataset is null || !faults.IsClean(field))
        {
            return null;
        }

        IReadOnlyList<int>? labels;
        using (var opened = DatasetReader.Open(dataset.Folder))
        {
            labels = opened.Labels;
        }

        var count = dataset.Summary.Count;
        var indices = split.Samples is null
            ? [.. Enumerable.Range(0, count)]
            : SamplePlan.Create(split.Samples, count, dataset.Summary.Classes, labels, faults, $"{field}.samples")?.Indices;
        if (indices is null || labels is null || !faults.IsClean(field))
        {
            return null;
        }

        foreach (var index in indices.Where(index => labels[index] < 0 || labels[index] >= classes).Take(MostLabelsNamed))
        {
            faults.Add($"{field}.samples", string.Create(CultureInfo.InvariantCulture, $"sample {index} has label {labels[index]}, outside 0..{classes - 1}, the network's classes"));
        }

        notes.AddRange(ClassFit.Check(labels, dataset.Summary.Classes, classes, isAsked: true, $"{field}.dataset", faults).Except(notes));
        return faults.IsClean(field) ? [.. indices] : null;
    }

    private static bool IsReal(TensorSummary tensor) => tensor.Type is "float32" or "float64" or "float16";

    private static bool Accepts(IReadOnlyList<long?> input, IReadOnlyList<int> sample) =>
        input.Count == sample.Count && input.Zip(sample).All(pair => pair.First is null || pair.First == pair.Second);
}
