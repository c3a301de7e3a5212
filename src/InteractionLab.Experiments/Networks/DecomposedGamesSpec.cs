using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Networks;

/// <summary>Games that are decomposed into interactions: the common part of a spec of the kinds that do so.</summary>
public abstract record DecomposedGamesSpec : NetworkGamesSpec
{
    /// <summary>How games are decomposed.</summary>
    public InteractionsSpec Interactions { get; init; } = new();

    /// <summary>Which interactions count.</summary>
    public SalienceSpec Salience { get; init; } = new();

    /// <summary>Fills the common part of a spec from its fields; wrong parts are null or default.</summary>
    internal static new T Read<T>(SpecObject fields, T spec)
        where T : DecomposedGamesSpec => NetworkGamesSpec.Read(fields, spec) with
        {
            Interactions = InteractionsSpec.Read(fields.Get("interactions")),
            Salience = SalienceSpec.Read(fields.Get("salience")),
        };
}
