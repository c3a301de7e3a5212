using InteractionLab.Interactions;
using InteractionLab.Server.Components.Shared;

namespace InteractionLab.Server.Components.Results.Bottleneck;

/// <summary>What a profile's facts are called on its pages.</summary>
internal static class ProfileWords
{
    /// <summary>Whether it is a U, and how far that reaches.</summary>
    public static string Shape(ProfileShape? shape) => shape is null ? Text.None
        : !shape.IsU ? "no significant U"
        : shape.HoldsForOtherSamples == false ? "a U for these samples, not significant for others"
        : "a U: weak middle";

    /// <summary>The fall with the error that other contexts, pairs and samples give it.</summary>
    public static string Fall(ProfileShape? shape) => shape is null ? Text.None
        : Text.WithError(shape.Fall, Math.Sqrt(Math.Pow(shape.FallStandardError, 2) + Math.Pow(shape.SampleFallStandardError ?? 0, 2)));

    /// <summary>The effective n, with a word where no theory curve fits.</summary>
    public static string EffectiveN(TheoryCurve? theory, int players) => theory is null ? Text.None
        : Text.Number(theory.NEff) + (theory.Error is null ? "" : theory.NEff <= 2 ? " (no curve that falls fits)" : theory.NEff >= players ? " (the end of its range)" : "");
}
