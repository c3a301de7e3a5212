using System.Text.Json.Serialization;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Common;

/// <summary>How games are decomposed (method.md §2). Options that the solver does not use are ignored.</summary>
public sealed record InteractionsSpec
{
    /// <summary><c>certified</c> (default), <c>paper</c> or <c>half</c>.</summary>
    public SolverKind Solver { get; init; } = SolverKind.Certified;

    /// <summary>ζ / |span|, 0..1.</summary>
    public double Noise { get; init; } = 0.02;

    /// <summary>The relative gap at which <c>certified</c> stops; above 0, at most 1.</summary>
    public double Gap { get; init; } = 1e-3;

    /// <summary>The most iterations; absent: the solver's own bound.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Iterations { get; init; }

    /// <summary>The learning rate <c>paper</c> starts from; absent: its default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRate { get; init; }

    /// <summary>The options of the solver.</summary>
    internal DecompositionOptions Options => new() { Solver = Solver, Noise = Noise, Gap = Gap, Iterations = Iterations, LearningRate = LearningRate };

    /// <summary>Reads the field; defaults where it is absent or wrong.</summary>
    internal static InteractionsSpec Read(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return new InteractionsSpec();
        }

        var defaults = new InteractionsSpec();
        var spec = new InteractionsSpec
        {
            Solver = fields.Get("solver")?.AsEnum<SolverKind>() ?? defaults.Solver,
            Noise = fields.Get("noise")?.AsNumber(0, 1) ?? defaults.Noise,
            Gap = fields.Get("gap")?.AsNumber(0, 1, excludeFrom: true) ?? defaults.Gap,
            Iterations = (int?)fields.Get("iterations")?.AsInteger(1, SpecLimits.MostIterations),
            LearningRate = fields.Get("learningRate")?.AsNumber(0, 1e6, excludeFrom: true),
        };
        fields.RejectUnknown();
        return spec;
    }
}
