using System.Text.Json;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>A modulation study laid out: one cell a job of the chain.</summary>
internal sealed class ModulationStudyPlan(ModulationStudySpec spec, StudySplits splits, ILabCatalog catalog)
    : ChainPlan(new VariantSteps(spec, splits).All, catalog)
{
    private readonly JsonElement _tests = VariantSteps.MacroSpec(spec, splits, []);

    /// <inheritdoc/>
    protected override ExperimentOutput Complete(IReadOnlyList<ChainOutcome> finished, IReadOnlyList<string> notes)
    {
        var trainings = Trainings(finished);
        var profile = finished.Result<BottleneckResult>(VariantSteps.Profile);
        var macro = finished.Result<MacroResult>(VariantSteps.Macro);
        var tests = trainings.Select(seeds => (IReadOnlyList<MacroModel?>)[.. seeds.Select(network => macro?.Models.FirstOrDefault(model => model.Model == network?.Model))]).ToList();
        var profiles = profile is null ? [] : ProfileReport.Build(
            spec.Variants, [.. trainings.Select(seeds => (IReadOnlyList<ModelProfile>)[.. seeds.Select(network => profile.Models.First(model => model.Model == network!.Model))])]);
        var result = new ModulationStudyResult
        {
            Steps = finished,
            Variants = [.. spec.Variants.Select((variant, v) => new VariantNetworks(variant.Name, variant.Preset, variant.Modulation, [.. trainings[v].OfType<TrainedNetwork>()]))],
            Table2 = CapabilityReport.Build(spec.Variants, tests, trainings, IsMeasured),
            Profiles = profiles,
            Curves = CapabilityReport.Curves(spec.Variants, tests),
            Profile = profile,
            Macro = macro,
            TrainSamples = splits.Train.Indices.Count,
            TestSamples = splits.Test.Indices.Count,
            Finished = finished.Count,
            Total = Total,
            Notes =
            [
                .. notes, .. splits.Shortages(spec.Samples, ofBoth: false), .. Notes(), .. ProfileReport.Notes(profiles),
                .. profile?.Notes.Select(note => $"Profiles: {note}") ?? [], .. macro?.Notes.Select(note => $"Tests: {note}") ?? [],
            ],
        };
        return new ExperimentOutput(result, ModulationStudyTables.Of(result), []);
    }

    private bool IsMeasured(Capability capability) => capability switch
    {
        Capability.Structure => IsTested("structure"),
        Capability.Robustness => IsTested("robustness"),
        _ => true,
    };

    private bool IsTested(string field) => _tests.TryGetProperty(field, out var test) && test.ValueKind != JsonValueKind.Null;

    private IEnumerable<string> Notes()
    {
        if (spec.Seeds == 1)
        {
            yield return "One seed: no error can be given, and words and movements follow the bare numbers.";
        }

        if (spec.Variants.All(variant => variant.Modulation.Count > 0))
        {
            yield return "No variant is trained without modulation, so no movement can be given.";
        }
    }

    // [variant][seed]; null where the training has not ended.
    private List<IReadOnlyList<TrainedNetwork?>> Trainings(IReadOnlyList<ChainOutcome> finished) =>
        [.. Enumerable.Range(0, spec.Variants.Count).Select(v => (IReadOnlyList<TrainedNetwork?>)[.. Enumerable.Range(0, spec.Seeds).Select(k => Trained(finished, v, k))])];

    private TrainedNetwork? Trained(IReadOnlyList<ChainOutcome> finished, int variant, int k)
    {
        var role = VariantSteps.Training(variant, k);
        if (finished.Result<TrainingResult>(role) is not { } training)
        {
            return null;
        }

        var last = training.Epochs[^1];
        return new TrainedNetwork(
            VariantSteps.SeedOf(spec, k) ?? 0,
            finished.First(step => step.Role == role).Job,
            TrainingSteps.LastModel(training),
            TrainingSteps.Finite(last.TrainLoss),
            TrainingSteps.Finite(last.TestLoss),
            TrainingSteps.Finite(last.TrainAccuracy),
            TrainingSteps.Finite(last.TestAccuracy),
            training.Epochs.Count > 1 ? training.Epochs.Skip(1).Average(epoch => epoch.Seconds) : null);
    }
}
