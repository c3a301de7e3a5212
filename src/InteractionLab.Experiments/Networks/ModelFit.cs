using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Networks;

/// <summary>Whether a model, a dataset and a target go together; what does not is recorded as a fault. What goes into a model is for <see cref="ModelReadings"/>.</summary>
internal static class ModelFit
{
    private const int MostLabelsNamed = 5;

    /// <summary>Why samples cannot go into an input; null where it takes reals or token ids.</summary>
    public static string? WhyNot(TensorSummary input) => IsReal(input) || IsWhole(input)
        ? null
        : $"its input '{input.Name}' is {input.Type}; masking takes a floating-point input, or token ids (int64 or int32)";

    /// <summary>Pictures, rows or texts, of the type and shape of the model's input.</summary>
    public static void CheckDataset(DatasetSummary dataset, TensorSummary? input, SpecFaults faults)
    {
        if (dataset.Kind == SampleKind.Games)
        {
            faults.Add("dataset", "holds tables of outputs; use an experiment of kind games");
        }
        else if (input is not null && TypeMismatch(dataset, input) is { } why)
        {
            faults.Add("dataset", why);
        }
        else if (input is not null && Mismatch(dataset, input) is { } takes)
        {
            faults.Add("dataset", $"its samples have shape {Shapes.Show(dataset.SampleShape)}, the model's input '{input.Name}' takes {takes} after the batch dimension");
        }
    }

    /// <summary>The same of a further model: the fault is the model's, since the dataset fits the first.</summary>
    public static void CheckInput(DatasetSummary dataset, TensorSummary input, string field, SpecFaults faults)
    {
        if (TypeMismatch(dataset, input) is not null)
        {
            faults.Add(field, dataset.Kind == SampleKind.Text
                ? $"its input '{input.Name}' is {input.Type}, no token ids, and the dataset holds texts"
                : $"its input '{input.Name}' takes token ids ({input.Type}), and the dataset holds no texts");
        }
        else if (Mismatch(dataset, input) is { } takes)
        {
            faults.Add(field, $"its input '{input.Name}' takes {takes} after the batch dimension, the dataset's samples have shape {Shapes.Show(dataset.SampleShape)}");
        }
    }

    /// <summary>The value with its default target filled in; null where labels and classes do not allow it.</summary>
    public static ValueSpec? CheckTarget(ValueSpec? value, IReadOnlyList<int>? labels, SamplePlan? samples, int? classes, SpecFaults faults)
    {
        if (value is null || !faults.IsClean("value"))
        {
            return null;
        }

        var target = value.Target ?? NumberOrWord.Of(labels is null ? ValueSpec.Predicted : ValueSpec.Label);
        if (target.Word == ValueSpec.Label && labels is null)
        {
            faults.Add("value.target", "the dataset has no labels; use \"predicted\" or a class");
        }

        CheckClass(target, classes, faults);

        if (classes is { } count && labels is not null && samples is not null && (target.Word == ValueSpec.Label || samples.Pools.Count > 0))
        {
            CheckLabels(labels, samples, count, faults);
        }

        return value with { Target = target };
    }

    /// <summary>A target that is a class must be one of the model's, where the graph says how many it has.</summary>
    public static void CheckClass(NumberOrWord? target, int? classes, SpecFaults faults)
    {
        if (target?.Number >= classes)
        {
            faults.Add("value.target", $"class {target?.Number} is outside 0..{classes - 1}, the model's classes");
        }
    }

    private static void CheckLabels(IReadOnlyList<int> labels, SamplePlan samples, int classes, SpecFaults faults)
    {
        var candidates = samples.Indices ?? samples.Pools.SelectMany(pool => pool.Candidates);
        foreach (var index in candidates.Where(index => index < labels.Count && (labels[index] < 0 || labels[index] >= classes)).Take(MostLabelsNamed))
        {
            faults.Add("samples", $"sample {index} has label {labels[index]}, outside 0..{classes - 1}, the model's classes");
        }
    }

    private static bool IsReal(TensorSummary tensor) => tensor.Type is "float32" or "float64" or "float16";

    private static bool IsWhole(TensorSummary tensor) => tensor.Type is "int64" or "int32";

    /// <summary>Token ids go into whole numbers and nothing else does; null where dataset and model agree.</summary>
    private static string? TypeMismatch(DatasetSummary dataset, TensorSummary input) => (dataset.Kind == SampleKind.Text, IsWhole(input)) switch
    {
        (true, false) => $"holds texts, and the model's input '{input.Name}' is {input.Type}, no token ids",
        (false, true) => $"holds no texts, and the model's input '{input.Name}' takes token ids ({input.Type})",
        _ => null,
    };

    /// <summary>What the model takes instead of the dataset's samples; null where they fit.</summary>
    private static string? Mismatch(DatasetSummary dataset, TensorSummary input) =>
        input.Shape.Count > 0 && !Accepts([.. input.Shape.Skip(1)], dataset.SampleShape) ? Shapes.Show(input.Shape.Skip(1)) : null;

    private static bool Accepts(IReadOnlyList<long?> input, IReadOnlyList<int> sample) =>
        input.Count == sample.Count && input.Zip(sample).All(pair => pair.First is null || pair.First == pair.Second);
}
