using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Inputs;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Experiments.Macro;

/// <summary>Accuracy while patches are masked (method.md §5, structure).</summary>
/// <param name="Rows">Grid rows.</param>
/// <param name="Columns">Grid columns.</param>
/// <param name="Ratios">Shares of the patches that are masked, ascending, 0..1.</param>
/// <param name="Seed">Names the random masks.</param>
public sealed record StructureSpec(int Rows, int Columns, IReadOnlyList<double> Ratios, long Seed)
{
    /// <summary>How many patches a ratio masks.</summary>
    internal static int Masked(double ratio, int rows, int columns) => (int)Math.Round(ratio * rows * columns, MidpointRounding.AwayFromZero);
}

/// <summary>Losses and accuracies on training and test samples.</summary>
/// <param name="Train">The training samples; the test samples are the job's.</param>
public sealed record FitSpec(SplitSpec Train);

/// <summary>Accuracy under an untargeted L∞ attack by projected gradient descent (Madry et al. 2018).</summary>
/// <param name="Epsilon">How far each input value may move, in the network's input space; above 0.</param>
/// <param name="Steps">Steps of the attack.</param>
/// <param name="StepSize">Length of a step.</param>
/// <param name="RandomStart">Whether the attack starts at a random point of the ball (named by <paramref name="Seed"/>) and not at the sample.</param>
/// <param name="Seed">Names the random starts.</param>
public sealed record RobustnessSpec(double Epsilon, int Steps, double StepSize, bool RandomStart, long Seed);

/// <summary>What networks do as a whole: structure, fitting and generalization, robustness (method.md §5).</summary>
public sealed record MacroSpec : IModelFields
{
    /// <summary>Ids of the models.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Id of the dataset, with labels.</summary>
    public string Dataset { get; init; } = string.Empty;

    /// <summary>The test samples; absent for all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SampleSelection? Samples { get; init; }

    /// <summary>The structure test; null leaves it out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StructureSpec? Structure { get; init; }

    /// <summary>The test of fitting and generalization; null leaves it out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FitSpec? Fit { get; init; }

    /// <summary>The robustness test; null leaves it out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RobustnessSpec? Robustness { get; init; }

    /// <summary>What masked patches become.</summary>
    public BaselineSpec Baseline { get; init; } = new();

    /// <summary>What the models' inputs are fed with, by name, where their names do not say it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, InputRole>? Inputs { get; init; }

    /// <summary>Which of the models' outputs holds the scores of the classes; null leaves the choice to the lab, which says it in a note.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Output { get; init; }

    /// <summary>What the output's numbers are; null goes by what the graph ends in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutputAs? OutputAs { get; init; }

    /// <summary>Where networks run.</summary>
    public DeviceKind Device { get; init; } = DeviceKind.Auto;

    /// <summary>The seed of every random choice that names none of its own.</summary>
    public long Seed { get; init; }

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static MacroSpec Read(SpecObject fields)
    {
        var seed = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? 0;
        var samples = SampleSelection.Read(fields.Get("samples"), seed);
        CheckSamples(fields, samples);
        var (inputs, output, outputAs) = ModelReadings.ReadFields(fields);
        if (!fields.Has("structure") && !fields.Has("fit") && !fields.Has("robustness"))
        {
            fields.Fault("structure", "is required, or fit or robustness: there is nothing to test");
        }

        return new MacroSpec
        {
            Models = DistinctIds.Read(fields.Require("models")),
            Dataset = fields.Require("dataset")?.AsText() ?? string.Empty,
            Samples = samples,
            Structure = ReadStructure(fields.Get("structure"), seed),
            Fit = ReadFit(fields.Get("fit"), seed),
            Robustness = ReadRobustness(fields.Get("robustness"), seed),
            Baseline = BaselineSpec.Read(fields.Get("baseline")) ?? new BaselineSpec(),
            Inputs = inputs,
            Output = output,
            OutputAs = outputAs,
            Device = fields.Get("device")?.AsEnum<DeviceKind>() ?? DeviceKind.Auto,
            Seed = seed,
        };
    }

    private static StructureSpec? ReadStructure(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var rows = (int?)fields.Get("rows")?.AsInteger(2, 256) ?? 8;
        var columns = (int?)fields.Get("columns")?.AsInteger(2, 256) ?? 8;
        var items = fields.Get("ratios")?.AsList();
        double[] ratios = items is null
            ? [.. Enumerable.Range(0, 11).Select(k => k / 10.0).DistinctBy(ratio => StructureSpec.Masked(ratio, rows, columns))]
            : [.. items.Select(item => item.AsNumber(0, 1) ?? 0)];
        for (var i = 1; items is not null && i < ratios.Length; i++)
        {
            if (ratios[i] <= ratios[i - 1])
            {
                items[i].Fault("must be above the ratio before it");
            }
            else if (StructureSpec.Masked(ratios[i], rows, columns) is var masked && masked == StructureSpec.Masked(ratios[i - 1], rows, columns))
            {
                items[i].Fault(FormattableString.Invariant($"{ratios[i - 1]} and {ratios[i]} of {rows * columns} patches are both {masked}; take ratios further apart"));
            }
        }

        if (ratios.Length < 2)
        {
            fields.Fault("ratios", "an area needs at least two ratios");
        }

        var own = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? seed;
        fields.RejectUnknown();
        return new StructureSpec(rows, columns, ratios, own);
    }

    private static FitSpec? ReadFit(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var split = new SplitSpec();
        if (fields.Require("train")?.AsObject() is { } train)
        {
            var samples = SampleSelection.Read(train.Get("samples"), seed);
            CheckSamples(train, samples);
            split = new SplitSpec { Dataset = train.Require("dataset")?.AsText() ?? string.Empty, Samples = samples };
            train.RejectUnknown();
        }

        fields.RejectUnknown();
        return new FitSpec(split);
    }

    private static RobustnessSpec? ReadRobustness(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var spec = new RobustnessSpec(
            fields.Require("epsilon")?.AsNumber(0, 1e6, excludeFrom: true) ?? 1,
            (int?)fields.Get("steps")?.AsInteger(1, 10_000) ?? 100,
            fields.Get("stepSize")?.AsNumber(0, 1e6, excludeFrom: true) ?? 0.01,
            fields.Get("randomStart")?.AsFlag() ?? false,
            fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? seed);
        fields.RejectUnknown();
        return spec;
    }

    private static void CheckSamples(SpecObject fields, SampleSelection? samples)
    {
        if (samples is SampleSelection.AtRandom { CorrectOnly: true })
        {
            fields.Fault("samples.correctOnly", "several models are tested on the same samples, right or wrong");
        }
    }
}
