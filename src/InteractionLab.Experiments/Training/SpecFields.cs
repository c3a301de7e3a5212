using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Training;

/// <summary>What the readers of a training spec share.</summary>
internal static class SpecFields
{
    /// <summary>The largest number allowed where 1 itself would divide by zero.</summary>
    public const double BelowOne = 0.999_999;

    /// <summary>Records a fault of every field that is given although it belongs to another choice.</summary>
    public static void Only(SpecObject fields, bool allowed, string why, params IReadOnlyList<string> names)
    {
        foreach (var name in names.Where(name => fields.Has(name) && !allowed))
        {
            fields.Fault(name, why);
        }
    }
}
