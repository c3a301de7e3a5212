using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>What follows from a spec that its reader may not expect.</summary>
internal static class BottleneckNotes
{
    private static readonly BottleneckSpec Usual = new();

    /// <summary>The notes of a job laid out.</summary>
    public static IEnumerable<string> Of(BottleneckWork work) => OfFirst(work).Concat(OfUnused(work.Spec));

    // Several models play the same games: one of them says which.
    private static IEnumerable<string> OfFirst(BottleneckWork work)
    {
        if (work.Networks.Count < 2 || work.Networks.Known.Count == 0)
        {
            yield break;
        }

        var first = work.Networks.Known[0].Name;
        if (work.Spec.Value?.Target?.Word == ValueSpec.Predicted)
        {
            yield return $"v of every model is of the class that the first one, {first}, predicts.";
        }

        if (work.Spec.Samples is SampleSelection.AtRandom { CorrectOnly: true })
        {
            yield return $"The samples are those that the first model, {first}, classifies correctly; the others need not.";
        }
    }

    // A spec that is kept has its defaults filled in, so what is as usual was not asked for.
    private static IEnumerable<string> OfUnused(BottleneckSpec spec)
    {
        (string Field, bool IsGiven)[] sampling =
        [
            ("pairs.count", spec.Pairs.Count != Usual.Pairs.Count), ("contexts", spec.Contexts != Usual.Contexts), ("standardError", spec.StandardError is not null),
        ];
        if (spec.Method == BottleneckMethod.Exact && sampling.Where(field => field.IsGiven).Select(field => field.Field).ToArray() is { Length: > 0 } unused)
        {
            yield return $"The method is exact: all masks are evaluated, and {string.Join(" and ", unused)} {(unused.Length == 1 ? "is" : "are")} not used.";
        }
    }
}
