using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Networks;

/// <summary>Whether the classes of a dataset are those of a network: what gives wrong numbers is refused, what a reader may not expect is said.</summary>
internal static class ClassFit
{
    private const int MostNamed = 10;

    /// <summary>Compares labels with the classes of a network.</summary>
    /// <param name="labels">Every label of the dataset; null where it has none.</param>
    /// <param name="known">Classes of the dataset.</param>
    /// <param name="classes">Classes of the network; null where they are not known.</param>
    /// <param name="isAsked">Whether labels decide what is computed.</param>
    /// <param name="field">The dataset's field.</param>
    /// <param name="faults">Where faults go.</param>
    /// <returns>Notes for the head of the result.</returns>
    public static IReadOnlyList<string> Check(IReadOnlyList<int>? labels, int known, int? classes, bool isAsked, string field, SpecFaults faults)
    {
        int[] present = [.. (labels ?? []).Where(label => label >= 0).Distinct().Order()];
        if (present.Length == 0)
        {
            return [];
        }

        var (least, most) = (present[0], present[^1]);
        if (classes is { } own && least == 1 && most == own)
        {
            if (isAsked)
            {
                faults.Add(field, $"its labels are 1 to {most} and none is 0, while the network's classes are 0..{own - 1}: the labels seem to be counted from 1, and each sample would be scored against the next class; number them from 0");
                return [];
            }

            return [$"The dataset's labels are 1 to {most}, the network's classes are 0..{own - 1}: labels seem to be counted from 1."];
        }

        List<string> notes = [];
        if (classes is { } count && most >= count)
        {
            notes.Add($"The dataset has labels up to {most}, the network only the classes 0..{count - 1}: they may not mean the same.");
        }
        else if (classes > known)
        {
            notes.Add($"The network has {classes} classes and the dataset {known} (labels {least} to {most}): they may not mean the same.");
        }

        int[] empty = [.. Enumerable.Range(0, Math.Min(known, classes ?? known)).Except(present)];
        if (empty.Length > 0)
        {
            var named = $"{string.Join(", ", empty.Take(MostNamed))}{(empty.Length > MostNamed ? " and others" : "")}";
            notes.Add($"No sample of the dataset is of class {named}{(empty is [0] && most == known - 1 ? $": its labels are 1 to {most}, as if counted from 1" : "")}.");
        }

        return notes;
    }
}
