using System.Text.Json;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>A modulation study laid out: one cell a job of the chain.</summary>
internal sealed class ModulationStudyPlan(ModulationStudySpec spec, StudySplits splits, ILabCatalog catalog) : IExperimentPlan
{
    private readonly IReadOnlyList<ChainStep> _steps = new VariantSteps(spec, splits).All;

    /// <inheritdoc/>
    public required JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cells => [.. _steps.Select(step => step.Role)];

    /// <inheritdoc/>
    public string Unit => "jobs";

    /// <inheritdoc/>
    public required IReadOnlyList<string> Models { get; init; }

    /// <inheritdoc/>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <summary>What the seconds of all its jobs are made of.</summary>
    public required Func<Workload> Parts { get; init; }

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(Estimate, Parts, catalog, cancellation);

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) => Task.FromResult<IExperimentRun>(new ChainRun(_steps, context, catalog));

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) => Task.Run(() => Complete(cells, cancellation), cancellation);

    private ExperimentOutput Complete(ICellSource cells, CancellationToken cancellation)
    {
        var steps = ChainOutcome.ReadAll(cells, cancellation);
        var trainings = Trainings(steps);
        var profile = Find<BottleneckResult>(steps, VariantSteps.Profile);
        var macro = Find<MacroResult>(steps, VariantSteps.Macro);
        var tests = trainings.Select(seeds => (IReadOnlyList<MacroModel?>)[.. seeds.Select(network => macro?.Models.FirstOrDefault(model => model.Model == network?.Model))]).ToList();
        var result = new ModulationStudyResult
        {
            Steps = steps,
            Variants = [.. spec.Variants.Select((variant, v) => new VariantNetworks(variant.Name, variant.Preset, variant.Modulation, [.. trainings[v].OfType<TrainedNetwork>()]))],
            Table2 = CapabilityReport.Build(spec.Variants, tests),
            Profiles = profile is null ? [] : ProfileReport.Build(
                spec.Variants, [.. trainings.Select(seeds => (IReadOnlyList<ModelProfile>)[.. seeds.Select(network => profile.Models.First(model => model.Model == network!.Model))])]),
            Curves = CapabilityReport.Curves(spec.Variants, tests),
            Profile = profile,
            Macro = macro,
            TrainSamples = splits.Train.Indices.Count,
            TestSamples = splits.Test.Indices.Count,
            Finished = steps.Count,
            Total = _steps.Count,
            Notes = [.. Notes(steps.Count)],
        };
        return new ExperimentOutput(result, ModulationStudyTables.Of(result), []);
    }

    private IEnumerable<string> Notes(int finished)
    {
        if (finished < _steps.Count)
        {
            yield return $"Partial: {finished} of {_steps.Count} jobs are finished.";
        }

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
    private List<IReadOnlyList<TrainedNetwork?>> Trainings(IReadOnlyList<ChainOutcome> steps) =>
        [.. Enumerable.Range(0, spec.Variants.Count).Select(v => (IReadOnlyList<TrainedNetwork?>)[.. Enumerable.Range(0, spec.Seeds).Select(k => Trained(steps, v, k))])];

    private TrainedNetwork? Trained(IReadOnlyList<ChainOutcome> steps, int variant, int k)
    {
        var role = VariantSteps.Training(variant, k);
        if (Find<TrainingResult>(steps, role) is not { } training)
        {
            return null;
        }

        var last = training.Epochs[^1];
        return new TrainedNetwork(
            VariantSteps.SeedOf(spec, k) ?? 0,
            steps.First(step => step.Role == role).Job,
            TrainingSteps.LastModel(training),
            Finite(last.TrainLoss),
            Finite(last.TestLoss),
            Finite(last.TrainAccuracy),
            Finite(last.TestAccuracy),
            training.Epochs.Count > 1 ? training.Epochs.Skip(1).Average(epoch => epoch.Seconds) : null);
    }

    private static T? Find<T>(IReadOnlyList<ChainOutcome> steps, string role)
        where T : class => steps.FirstOrDefault(step => step.Role == role)?.Result.Deserialize<T>(LabJson.Options);

    // A diverged training has losses that are no numbers.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
