using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Inputs;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// How networks play games: the part of a spec that kinds over samples of one dataset and of several have in common.
/// </summary>
public abstract record GameSettings : IModelFields
{
    /// <summary>Settings without content.</summary>
    protected GameSettings()
    {
    }

    /// <summary>The players: at most <see cref="SpecLimits.MostPlayers"/>.</summary>
    public PlayersSpec? Players { get; init; }

    /// <summary>The tensor that is masked, of each network its own of that name; null is the input.</summary>
    public string? Cut { get; init; }

    /// <summary>What absent cells become.</summary>
    public BaselineSpec? Baseline { get; init; }

    /// <summary>What cells of no player do.</summary>
    public OutsideKind Outside { get; init; }

    /// <summary>What v is.</summary>
    public ValueSpec? Value { get; init; }

    /// <summary>What runs the networks.</summary>
    public ExecutorKind Executor { get; init; } = ExecutorKind.Onnxruntime;

    /// <summary>Where they run.</summary>
    public DeviceKind Device { get; init; } = DeviceKind.Auto;

    /// <summary>Rows per run, or <c>auto</c>.</summary>
    public NumberOrWord Batch { get; init; } = NumberOrWord.Of("auto");

    /// <summary>The seed of every random choice that names none of its own.</summary>
    public long Seed { get; init; }

    /// <summary>What the models' inputs are fed with, by name, where their names do not say it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, InputRole>? Inputs { get; init; }

    /// <summary>Which of the models' outputs holds the scores of the classes; null leaves the choice to the lab, which says it in a note.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Output { get; init; }

    /// <summary>What the output's numbers are; null goes by what the graph ends in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutputAs? OutputAs { get; init; }

    /// <summary>The most players this kind takes.</summary>
    internal virtual int MostPlayers => SpecLimits.MostPlayers;

    /// <summary>Fills the settings of a spec from its fields; wrong parts are null or default.</summary>
    internal static T ReadSettings<T>(SpecObject fields, T spec)
        where T : GameSettings
    {
        var seed = ReadSeed(fields);
        var (inputs, output, outputAs) = ModelReadings.ReadFields(fields);
        var executor = fields.Get("executor")?.AsEnum<ExecutorKind>() ?? ExecutorKind.Onnxruntime;
        if (NetworkDevice.Missing(executor.Runs()) is { } missing)
        {
            fields.Fault("executor", missing);
        }

        return spec with
        {
            Players = PlayersReader.Read(fields.Require("players"), seed, spec.MostPlayers),
            Cut = fields.Get("cut")?.AsText(),
            Baseline = BaselineSpec.Read(fields.Get("baseline")),
            Outside = fields.Get("outside")?.AsEnum<OutsideKind>() ?? OutsideKind.Keep,
            Value = ValueSpec.Read(fields.Get("value")),
            Inputs = inputs,
            Output = output,
            OutputAs = outputAs,
            Executor = executor,
            Device = fields.Get("device")?.AsEnum<DeviceKind>() ?? DeviceKind.Auto,
            Batch = NumberOrWord.Read(fields.Get("batch"), 1, SpecLimits.LargestBatch, "auto") ?? NumberOrWord.Of("auto"),
            Seed = seed,
        };
    }

    /// <summary>The seed, for parts that are read before the rest.</summary>
    internal static long ReadSeed(SpecObject fields) => fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? 0;
}

/// <summary>Which games networks play: the settings, and samples of one dataset.</summary>
public abstract record NetworkGamesSpec : GameSettings
{
    /// <summary>A spec without content.</summary>
    protected NetworkGamesSpec()
    {
    }

    /// <summary>A spec with the settings of another.</summary>
    private protected NetworkGamesSpec(GameSettings settings)
        : base(settings)
    {
    }

    /// <summary>Id of the dataset: pictures or rows of the shape the models take.</summary>
    public string Dataset { get; init; } = string.Empty;

    /// <summary>Which samples.</summary>
    public SampleSelection? Samples { get; init; }

    /// <summary>Fills the common part of a spec from its fields; wrong parts are null or default.</summary>
    internal static T Read<T>(SpecObject fields, T spec)
        where T : NetworkGamesSpec => ReadSettings(fields, spec) with
        {
            Dataset = fields.Require("dataset")?.AsText() ?? string.Empty,
            Samples = SampleSelection.Read(fields.Require("samples"), ReadSeed(fields)),
        };
}
