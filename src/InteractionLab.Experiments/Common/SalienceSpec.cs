using System.Text.Json.Serialization;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Common;

/// <summary>The salience rule (method.md §2). Default: <c>mean-span</c> with factor 0.05.</summary>
public sealed record SalienceSpec
{
    private const int LargestK = 1 << 17;

    /// <summary><c>mean-span</c>, <c>sample-max</c>, <c>pooled-max</c> or <c>top-k</c>.</summary>
    public SalienceKind Rule { get; init; } = SalienceKind.MeanSpan;

    /// <summary>f, at least 0; absent for <c>top-k</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Factor { get; init; }

    /// <summary>k, 1..131072, for <c>top-k</c> only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? K { get; init; }

    /// <summary>The rule as the mathematics takes it.</summary>
    internal SalienceRule Options => new() { Kind = Rule, Factor = Factor ?? new SalienceRule().Factor, K = K ?? new SalienceRule().K };

    /// <summary>Reads the field; the default where it is absent or wrong.</summary>
    internal static SalienceSpec Read(SpecValue? value)
    {
        var defaults = new SalienceRule();
        if (value?.AsObject() is not { } fields)
        {
            return new SalienceSpec { Factor = defaults.Factor };
        }

        var rule = fields.Get("rule")?.AsEnum<SalienceKind>() ?? (fields.Has("k") && !fields.Has("rule") ? SalienceKind.TopK : defaults.Kind);
        var factor = fields.Get("factor")?.AsNumber(0, 1e6);
        var k = (int?)fields.Get("k")?.AsInteger(1, LargestK);
        if (rule == SalienceKind.TopK && fields.Has("factor"))
        {
            fields.Fault("factor", "top-k takes k, not factor");
        }
        else if (rule != SalienceKind.TopK && fields.Has("k"))
        {
            fields.Fault("k", "only top-k takes k; the other rules take factor");
        }

        fields.RejectUnknown();
        return rule == SalienceKind.TopK
            ? new SalienceSpec { Rule = rule, K = k ?? defaults.K }
            : new SalienceSpec { Rule = rule, Factor = factor ?? defaults.Factor };
    }
}
