using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>Profiles of variants from those of their networks, and how they moved against the variant without modulation.</summary>
internal static class ProfileReport
{
    private const double Slack = 1e-9;

    // What a network of low orders on 12 players took (docs/examples/modulation.md).
    private const int EnoughPairs = 32;

    /// <summary>One entry a variant.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="networks">The profiles of the networks, [variant][seed].</param>
    public static IReadOnlyList<VariantProfile> Build(IReadOnlyList<VariantSpec> variants, IReadOnlyList<IReadOnlyList<ModelProfile>> networks)
    {
        var plain = variants.Index().Where(entry => entry.Item.Modulation.Count == 0).Select(entry => (int?)entry.Index).FirstOrDefault();
        return [.. variants.Select((variant, v) => Profile(variant, networks[v], plain is null || plain == v ? null : networks[plain.Value]))];
    }

    /// <summary>What to try for variants that moved away from where they are meant to go and whose losses see few masks.</summary>
    /// <param name="profiles">The profiles of the variants.</param>
    public static IEnumerable<string> Notes(IReadOnlyList<VariantProfile> profiles) =>
        from profile in profiles
        where profile.Moved == false && profile.Effects.Any(effect => effect.Pairs < EnoughPairs)
        let intended = EnumWords.Of(profile.Thirds.First(third => third.Intended).Third)
        select $"{profile.Variant} moved J^(m) away from {intended} orders. With few pairs of masks a sample and step a loss also acts on the spread of v among masks of one size, most of all where players are few ({profile.N} here): try {EnoughPairs} pairs and a larger weight.";

    private static VariantProfile Profile(VariantSpec variant, IReadOnlyList<ModelProfile> own, IReadOnlyList<ModelProfile>? before)
    {
        var orders = own[0].Orders;
        double[] ratios = [.. orders.Select(m => ProfileThirds.Ratio(m, own[0].N))];
        var thirds = Thirds(variant, own, before);
        return new VariantProfile
        {
            Variant = variant.Name,
            N = own[0].N,
            Orders = orders,
            Ratios = ratios,
            Strength = [.. orders.Select((_, k) => Over(own, profile => profile.Reduced?[k]))],
            Magnitude = [.. orders.Select((_, k) => Over(own, profile => profile.Magnitude[k]))],
            StrengthChange = before is null ? null : [.. orders.Select((_, k) => Change(own, before, profile => profile.Reduced?[k])!)],
            MagnitudeChange = before is null ? null : [.. orders.Select((_, k) => Change(own, before, profile => profile.Magnitude[k])!)],
            Thirds = thirds,
            Effects = [.. variant.Modulation.Select(loss => Effect(loss, own, before, ratios))],
            Moved = thirds.FirstOrDefault(third => third.Intended)?.Moved,
        };
    }

    private static OrderThird[] Thirds(VariantSpec variant, IReadOnlyList<ModelProfile> own, IReadOnlyList<ModelProfile>? before)
    {
        ProfileThird? intended = variant.Preset switch
        {
            ModulationPreset.Low => ProfileThird.Low,
            ModulationPreset.Mid => ProfileThird.Middle,
            ModulationPreset.High => ProfileThird.High,
            _ => null,
        };
        return [.. ProfileThirds.All.Select(Third)];

        OrderThird Third(ProfileThird third)
        {
            Func<ModelProfile, double?> share = profile => ProfileThirds.ShareOf(profile, third);
            var change = Change(own, before, share);
            return new OrderThird(third, Over(own, share), change, third == intended, third == intended ? SeedStatistics.Moved(change, up: true) : null, ProfileThirds.FlatShareOf(own[0], third));
        }
    }

    private static ModulationEffect Effect(Modulation loss, IReadOnlyList<ModelProfile> own, IReadOnlyList<ModelProfile>? before, double[] ratios)
    {
        Func<double, bool> inside = ratio => ratio >= loss.From - Slack && ratio <= loss.To + Slack;
        Func<ModelProfile, double?> share = profile => ShareOf(profile, ratios, inside);
        Func<ModelProfile, double?> magnitude = profile => ratios.Any(inside) ? profile.Magnitude.Where((_, k) => inside(ratios[k])).Average() : null;
        var (shareChange, magnitudeChange, up) = (Change(own, before, share), Change(own, before, magnitude), loss.Type == ModulationKind.Encourage);
        return new ModulationEffect(
            loss.Type, loss.From, loss.To, loss.Weight, loss.Pairs,
            Over(own, share), shareChange, SeedStatistics.Moved(shareChange, up),
            Over(own, magnitude), magnitudeChange, SeedStatistics.Moved(magnitudeChange, up));
    }

    private static double? ShareOf(ModelProfile profile, double[] ratios, Func<double, bool> inside) =>
        profile.Reduced is { } strength ? strength.Where((_, k) => inside(ratios[k])).Sum() / strength.Sum() : null;

    private static SeedMean Over(IReadOnlyList<ModelProfile> networks, Func<ModelProfile, double?> number) => SeedStatistics.Of(networks.Select(number));

    private static SeedMean? Change(IReadOnlyList<ModelProfile> own, IReadOnlyList<ModelProfile>? before, Func<ModelProfile, double?> number) =>
        before is null ? null : SeedStatistics.Difference(Over(own, number), Over(before, number));
}
