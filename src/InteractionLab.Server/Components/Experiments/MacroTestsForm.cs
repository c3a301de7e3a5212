using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>Which macroscopic tests are done: structure and robustness. Fitting needs training samples, which stand elsewhere.</summary>
public sealed class MacroTestsForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields =
    [
        "structure", "structure.rows", "structure.columns", "structure.ratios", "structure.seed",
        "robustness", "robustness.epsilon", "robustness.steps", "robustness.stepSize", "robustness.randomStart", "robustness.seed",
    ];

    public bool Structure { get; set; } = true;

    public string Rows { get; set; } = "8";

    public string Columns { get; set; } = "8";

    public string Ratios { get; set; } = "0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1";

    /// <summary>The seed of the random masks; empty for the job's.</summary>
    public string MaskSeed { get; set; } = "";

    public bool Robustness { get; set; }

    public string Epsilon { get; set; } = "0.1";

    public string Steps { get; set; } = "20";

    public string StepSize { get; set; } = "0.01";

    public bool RandomStart { get; set; }

    /// <summary>The seed of the random starts; empty for the job's.</summary>
    public string StartSeed { get; set; } = "";

    /// <summary>Adds the tests that are done to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        if (Structure)
        {
            spec["structure"] = new JsonObject().With("rows", FormText.Number(Rows)).With("columns", FormText.Number(Columns)).With("ratios", FormText.List(Ratios)).With("seed", FormText.Number(MaskSeed));
        }

        if (Robustness)
        {
            spec["robustness"] = new JsonObject().With("epsilon", FormText.Number(Epsilon)).With("steps", FormText.Number(Steps)).With("stepSize", FormText.Number(StepSize))
                .With("randomStart", RandomStart ? true : null).With("seed", RandomStart ? FormText.Number(StartSeed) : null);
        }
    }

    /// <summary>Takes over what a spec says: a test that it leaves out is not done.</summary>
    public void ReadFrom(JsonElement spec)
    {
        Structure = spec.Get("structure") is not null;
        if (spec.Get("structure") is { } structure)
        {
            Rows = structure.Read("rows") ?? Rows;
            Columns = structure.Read("columns") ?? Columns;
            Ratios = structure.Get("ratios") is { ValueKind: JsonValueKind.Array } ratios ? FormText.Join(ratios) : Ratios;
            MaskSeed = structure.Read("seed") ?? "";
        }

        Robustness = spec.Get("robustness") is not null;
        if (spec.Get("robustness") is { } robustness)
        {
            Epsilon = robustness.Read("epsilon") ?? Epsilon;
            Steps = robustness.Read("steps") ?? Steps;
            StepSize = robustness.Read("stepSize") ?? StepSize;
            RandomStart = robustness.Get("randomStart") is { ValueKind: JsonValueKind.True };
            StartSeed = RandomStart ? robustness.Read("seed") ?? "" : StartSeed;
        }
    }
}
