using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.Training;

/// <summary>A penalty on interactions that do not generalize to another model (method.md §4).</summary>
/// <param name="Baseline">Id of that model, trained on other samples.</param>
/// <param name="Weight">λ, at least 0; 0 is plain training.</param>
/// <param name="Players">How many random units of each looked-at sample are players, 2..10.</param>
/// <param name="Samples">How many samples of each batch are looked at.</param>
/// <param name="Factor">τ* is this times the mean |span| of the baseline model on them.</param>
/// <param name="Solver"><c>certified</c> decomposes each sparsely, γ and δ held fixed in the gradient; <c>half</c> sets them to 0.</param>
public sealed record PenaltySpec(string Baseline, double Weight, int Players, int Samples, double Factor, SolverKind Solver)
{
    /// <summary>As the trainer takes it.</summary>
    internal Penalty Settings => new(Weight, Players, Samples, Factor, Solver);

    /// <summary>Reads the field; null where it is absent or wrong.</summary>
    internal static PenaltySpec? Read(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var spec = Read(fields, fields.Require("baseline")?.AsText() ?? string.Empty);
        fields.RejectUnknown();
        return spec;
    }

    /// <summary>Reads every field but the baseline's.</summary>
    internal static PenaltySpec Read(SpecObject fields, string baseline)
    {
        var solver = fields.Get("solver")?.AsEnum<SolverKind>() ?? SolverKind.Certified;
        if (solver == SolverKind.Paper)
        {
            fields.Fault("solver", "must be certified or half: a step cannot wait for the paper's iterations");
        }

        return new PenaltySpec(
            baseline,
            fields.Require("weight")?.AsNumber(0, 1e6) ?? 0,
            (int?)fields.Get("players")?.AsInteger(2, 10) ?? 6,
            (int?)fields.Get("samples")?.AsInteger(1, 256) ?? 2,
            fields.Get("factor")?.AsNumber(0, 1) ?? 0.05,
            solver);
    }
}
