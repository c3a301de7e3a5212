using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>Fills Table II from the tests of the networks.</summary>
internal static class CapabilityReport
{
    /// <summary>The columns, as the paper has them.</summary>
    public static IReadOnlyList<CapabilityColumn> Columns { get; } =
    [
        new(Capability.Structure, "Structural modelling", "area between surrounding and random masking", HigherIsStronger: true),
        new(Capability.Fitting, "Fitting ability", "training loss", HigherIsStronger: false),
        new(Capability.Generalization, "Generalization", "test loss - training loss", HigherIsStronger: false),
        new(Capability.Robustness, "Adversarial robustness", "accuracy under PGD", HigherIsStronger: true),
    ];

    /// <summary>The table.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="tests">What the tests gave, [variant][seed]; null entries are not finished.</param>
    /// <param name="trained">What the trainings gave, [variant][seed]; null entries are not finished.</param>
    /// <param name="isMeasured">Which columns the study fills in.</param>
    public static CapabilityTable Build(
        IReadOnlyList<VariantSpec> variants, IReadOnlyList<IReadOnlyList<MacroModel?>> tests, IReadOnlyList<IReadOnlyList<TrainedNetwork?>> trained, Func<Capability, bool> isMeasured)
    {
        var cells = Columns.Select(column => Column(column, variants, [.. tests.Select(networks => Mean(networks, Number(column.Name)))])).ToArray();
        return new CapabilityTable(
            [.. Columns.Where(column => isMeasured(column.Name))],
            [.. variants.Select((variant, v) => new CapabilityRow(variant.Name, cells[0][v], cells[1][v], cells[2][v], cells[3][v], Mean(tests[v], test => test.Fit?.TestAccuracy) ?? AtTheEnd(trained[v])))]);
    }

    /// <summary>Accuracy under masking, where it was measured.</summary>
    public static IReadOnlyList<StructureCurve> Curves(IReadOnlyList<VariantSpec> variants, IReadOnlyList<IReadOnlyList<MacroModel?>> tests)
    {
        var known = variants.Select((variant, v) => (variant.Name, Points: tests[v].Select(test => test?.Structure?.Points).ToArray())).Where(entry => !entry.Points.Contains(null));
        return
        [
            .. known.Select(entry => new StructureCurve(entry.Name,
            [
                .. entry.Points[0]!.Select((point, k) => new StructureCurvePoint(
                    point.Ratio,
                    SeedStatistics.Of(entry.Points.Select(points => (double?)points![k].Random)),
                    SeedStatistics.Of(entry.Points.Select(points => (double?)points![k].Surrounding)))),
            ])),
        ];
    }

    /// <summary>The paper's word: Table II, and for the normal network the text of section 6.3.1 to 6.3.3, which puts it between.</summary>
    internal static CapabilityWord Expected(ModulationPreset preset, Capability capability) => (preset, capability) switch
    {
        (ModulationPreset.Normal or ModulationPreset.Mid, _) => CapabilityWord.Medium,
        (ModulationPreset.Low, Capability.Structure or Capability.Fitting) => CapabilityWord.Low,
        (ModulationPreset.Low, _) => CapabilityWord.High,
        (_, Capability.Structure or Capability.Fitting) => CapabilityWord.High,
        _ => CapabilityWord.Low,
    };

    /// <summary>The word of a rank, 1 for the strongest: a third of the variants, rounded, are high and as many low, at least one each.</summary>
    internal static CapabilityWord WordOf(int rank, int variants)
    {
        var ends = Math.Max(1, (int)Math.Round(variants / 3.0, MidpointRounding.AwayFromZero));
        return rank <= ends ? CapabilityWord.High : rank > variants - ends ? CapabilityWord.Low : CapabilityWord.Medium;
    }

    private static Func<MacroModel, double?> Number(Capability capability) => capability switch
    {
        Capability.Structure => test => test.Structure?.Area,
        Capability.Fitting => test => test.Fit?.TrainLoss,
        Capability.Generalization => test => test.Fit?.Gap,
        _ => test => test.Robustness?.AttackedAccuracy,
    };

    // Null where the test was not made of some network, or not yet; a number that is none stays in the values.
    private static SeedMean? Mean(IReadOnlyList<MacroModel?> networks, Func<MacroModel, double?> number) =>
        networks.Any(test => test is null || number(test) is null) ? null : SeedStatistics.Of(networks.Select(test => number(test!)));

    // Trainings test on the same split, so their accuracy is there before that of the tests.
    private static SeedMean? AtTheEnd(IReadOnlyList<TrainedNetwork?> networks) =>
        networks.OfType<TrainedNetwork>().ToArray() is { Length: > 0 } ended ? SeedStatistics.Of(ended.Select(network => network.TestAccuracy)) : null;

    private static CapabilityCell?[] Column(CapabilityColumn column, IReadOnlyList<VariantSpec> variants, IReadOnlyList<SeedMean?> means)
    {
        // Words compare: they need every variant's number.
        var comparable = means.All(mean => mean?.Value is not null);
        var hasPaper = variants.Any(variant => variant.Preset == ModulationPreset.Low) && variants.Any(variant => variant.Preset == ModulationPreset.High) && variants.Count > 2;
        return [.. means.Select((mean, v) => mean is null ? null : Cell(v, mean))];

        CapabilityCell Cell(int v, SeedMean mean)
        {
            CapabilityWord? expected = hasPaper && variants[v].Preset is { } preset ? Expected(preset, column.Name) : null;
            if (!comparable)
            {
                return new CapabilityCell(mean.Value, mean.StandardError, mean.Values, null, null, [], [], expected, null);
            }

            // Signs of (other - own), positive where the other is stronger.
            var direction = column.HigherIsStronger ? 1 : -1;
            var others = Enumerable.Range(0, means.Count).Where(u => u != v).ToArray();
            var clear = others.ToDictionary(u => u, u => direction * SeedStatistics.Sign(SeedStatistics.Difference(means[u]!, mean))!.Value);
            var rank = 1 + others.Count(u => direction * (means[u]!.Value!.Value - mean.Value!.Value) > 0);
            var (best, worst) = (1 + clear.Values.Count(sign => sign > 0), means.Count - clear.Values.Count(sign => sign < 0));
            CapabilityWord[] words = [.. Enumerable.Range(best, worst - best + 1).Select(r => WordOf(r, means.Count)).Distinct().Order()];
            bool? agrees = expected is not { } word ? null : !words.Contains(word) ? false : words.Length == 1 ? true : null;
            return new CapabilityCell(
                mean.Value, mean.StandardError, mean.Values, rank, WordOf(rank, means.Count), words,
                [.. others.Where(u => clear[u] == 0).Select(u => variants[u].Name)], expected, agrees);
        }
    }
}
