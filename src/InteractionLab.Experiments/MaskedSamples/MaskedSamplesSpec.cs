using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>A network's outputs on every masked version of some samples, decomposed into AND and OR interactions.</summary>
public sealed record MaskedSamplesSpec : DecomposedGamesSpec
{
    /// <summary>Id of the model: one float input [batch, ...], one output of logits [batch, classes].</summary>
    public string Model { get; init; } = string.Empty;

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static MaskedSamplesSpec Read(SpecObject fields) =>
        Read(fields, new MaskedSamplesSpec { Model = fields.Require("model")?.AsText() ?? string.Empty });
}
