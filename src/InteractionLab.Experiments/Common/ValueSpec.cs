using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.Common;

/// <summary>What v(S) is, and of which class (method.md §1). Default: log-odds of the label.</summary>
public sealed record ValueSpec
{
    /// <summary>The name of the sample's own class as a target.</summary>
    public const string Label = "label";

    /// <summary>The name of the class the unmasked network predicts, as a target.</summary>
    public const string Predicted = "predicted";

    private const int MostClasses = 1 << 24;

    /// <summary>Log-odds, logit or probability.</summary>
    public ValueKind Type { get; init; } = ValueKind.LogOdds;

    /// <summary><c>label</c> (default where the dataset has labels), <c>predicted</c> (default where not), or a class.</summary>
    public NumberOrWord? Target { get; init; }

    /// <summary>The class v is of for a sample; null where that is its label and it has none, or the prediction is not known.</summary>
    /// <param name="label">The sample's label.</param>
    /// <param name="predict">What the unmasked network predicts; asked only where the target says so.</param>
    internal int? ClassOf(int? label, Func<int?> predict) =>
        Target!.Value.Number ?? (Target.Value.Word == Predicted ? predict() : label);

    /// <summary>Reads the field; the default where it is absent, null where it is wrong.</summary>
    internal static ValueSpec? Read(SpecValue? value)
    {
        if (value is not { } given)
        {
            return new ValueSpec();
        }

        if (given.AsObject() is not { } fields)
        {
            return null;
        }

        var type = fields.Has("type") ? fields.Get("type")?.AsEnum<ValueKind>() : ValueKind.LogOdds;
        var target = NumberOrWord.Read(fields.Get("target"), 0, MostClasses, Label, Predicted);
        fields.RejectUnknown();
        return type is null ? null : new ValueSpec { Type = type.Value, Target = target };
    }
}
