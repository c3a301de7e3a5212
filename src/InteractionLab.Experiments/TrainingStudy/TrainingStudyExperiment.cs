using System.Collections.Concurrent;
using System.Text.Json;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;
using InteractionLab.Models.Training.Terms;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>The kind <c>training-study</c>.</summary>
public sealed class TrainingStudyExperiment : Experiment<TrainingStudySpec, TrainingStudyResult>
{
    private const long CellBytes = 64 << 10;

    // What a pruner can reach is a fact of the graph.
    private readonly ConcurrentDictionary<(string Network, PrunerKind Pruner), double> _reach = new();

    /// <inheritdoc/>
    public override string Kind => "training-study";

    /// <inheritdoc/>
    public override string Title => "Training study";

    /// <inheritdoc/>
    public override string Description =>
        "The whole study of training dynamics as a chain of jobs: splits the data, trains references on the testing split and a target on the training split, and follows the target's interactions while it trains; compares training with and without the penalty where asked for.";

    private protected override TrainingStudySpec Read(SpecObject fields) => TrainingStudySpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(TrainingStudySpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var splits = await StudySplits.FindAsync(new StudyData(spec.Data, spec.Train, spec.Test), catalog, faults, cancellation).ConfigureAwait(false);
        if (splits is null || !faults.AreClean("training", "analysis", "references", "samples", "penalty", "pruned"))
        {
            return null;
        }

        var target = await TryPlanAsync(StudySteps.TargetSpec(spec, splits), catalog, faults, cancellation).ConfigureAwait(false);

        // References differ in nothing but the seed, which is the largest at the last.
        var reference = await TryPlanAsync(StudySteps.ReferenceSpec(spec, splits, spec.References), catalog, faults, cancellation).ConfigureAwait(false);
        CheckFollowable(target, faults);
        var classes = await ClassesAsync(target, splits, catalog, faults, cancellation).ConfigureAwait(false);
        var analysis = Analysis(spec, splits, faults);
        var games = await TrainingDynamicsExperiment.CheckGamesAsync(analysis, classes, catalog, faults, path => Rename(path, "analysis"), cancellation).ConfigureAwait(false);
        if (target is null || reference is null || games is null)
        {
            return null;
        }

        if (spec.Penalty is not null)
        {
            await CheckPenaltyAsync(spec, splits, catalog, faults, cancellation).ConfigureAwait(false);
        }

        if (spec.Pruned is { } pruned)
        {
            await CheckReachAsync(pruned, target.Spec, splits.Train.Dataset, catalog, faults, cancellation).ConfigureAwait(false);
        }

        if (!faults.AreClean("penalty", "pruned", "training"))
        {
            return null;
        }

        var rows = games.Rows;
        var training = Passes(spec, splits, target);
        var (onTrain, onTest) = splits.Draw(spec.Samples, spec.Seed);
        var snapshots = FollowedTraining.EpochsOf(target.Spec).Count;
        return new TrainingStudyPlan(spec, splits, training, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(spec, LabJson.Options),
            Datasets = [.. new[] { splits.Train.Dataset.Id, splits.Test.Dataset.Id }.Distinct()],
            Models = target.Models,
            Parts = () => StudyWork.Of(spec, splits, training, (TrainingPlan)target, (TrainingPlan)reference, analysis, games, snapshots),
            Estimate = new ExperimentEstimate(
                training.Plain + (training.Penalty ?? 0) + (spec.References * reference.Estimate.ForwardPasses)
                    + ((spec.Penalty is null ? 1 : 2) * ((spec.References + snapshots) * rows + PrunedPasses(spec, splits, rows * Count(onTest) / (Count(onTrain) + Count(onTest))))),
                new StudySteps(spec, splits).All.Count * CellBytes,
                null),
        };
    }

    private static int Count(SplitSpec drawn) => ((SampleSelection.ByIndex)drawn.Samples!).Indices.Count;

    /// <summary>A sweep plays the games of the network, of the reference and of every ratio but 0, and evaluates the testing split at each.</summary>
    private static long PrunedPasses(TrainingStudySpec spec, StudySplits splits, long games) =>
        spec.Pruned is null ? 0 : ((2 + spec.Pruned.Ratios.Count(ratio => ratio > 0)) * games) + ((long)spec.Pruned.Ratios.Count * splits.Test.Indices.Count);

    private static StudyPasses Passes(TrainingStudySpec spec, StudySplits splits, IExperimentPlan target)
    {
        var training = target.Spec.Deserialize<TrainingSpec>(LabJson.Options)!;
        var plain = target.Estimate.ForwardPasses;
        return new StudyPasses(plain, spec.Penalty is null
            ? null
            : plain + (training.TotalEpochs * LossTerms.PassesOfEpoch([], spec.Penalty.Against(string.Empty).Settings, splits.Train.Indices.Count, training.BatchSize)));
    }

    /// <summary>Plans the training with the penalty against a reference that is not there yet: that alone may be amiss.</summary>
    private static async Task CheckPenaltyAsync(TrainingStudySpec spec, StudySplits splits, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var own = new SpecFaults();
        _ = await TryPlanAsync(StudySteps.PenaltySpec(spec, splits, StudySteps.Reference(1)), catalog, own, cancellation).ConfigureAwait(false);
        const string Within = "training.penalty";
        faults.Add(own.All.Where(fault => fault.Path != Within + ".baseline"), path => path.StartsWith(Within, StringComparison.Ordinal) ? path["training.".Length..] : path);
    }

    /// <summary>Pruning acts on the graph, which training does not change.</summary>
    private async Task CheckReachAsync(StudyPrunedSpec pruned, JsonElement target, CatalogDataset train, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var training = target.Deserialize<TrainingSpec>(LabJson.Options)!;
        var model = training.Model is null ? null : await catalog.FindModelAsync(training.Model, cancellation).ConfigureAwait(false);
        OnnxModel Open() => model is null
            ? ModelZoo.Build(training.Architecture!, ZooInput.Of(train.Summary), training.Seed)
            : OnnxModel.Load(File.ReadAllBytes(model.Path), cancellation);
        double reach;
        try
        {
            var key = (model?.Sha256 ?? $"{training.Architecture} {Shapes.Show(train.Summary.SampleShape)} {train.Summary.Classes}", pruned.Pruner.Type);
            reach = await Task.Run(() => _reach.GetOrAdd(key, _ => Pruner.Create(Open(), pruned.Pruner.Options).MaxRatio), cancellation).ConfigureAwait(false);
        }
        catch (ModelRejectedException exception)
        {
            faults.Add("pruned", $"the network cannot be pruned: {exception.Message}");
            return;
        }

        foreach (var (i, ratio) in pruned.Ratios.Index().Where(item => item.Item > reach))
        {
            faults.Add($"pruned.ratios[{i}]", FormattableString.Invariant($"{ratio} cannot be reached: on this network the pruner goes no further than {Math.Floor(reach * 1e4) / 1e4}"));
        }
    }

    /// <summary>What the dynamics will refuse of the target is said before anything is trained.</summary>
    private static void CheckFollowable(IExperimentPlan? target, SpecFaults faults)
    {
        if (target is not null && FollowedTraining.WhyNot(target.Spec) is { } why)
        {
            faults.Add("training.prune", $"a study follows one run of training, and this {why}");
        }
    }

    /// <summary>
    /// The classes of the networks that will be trained: those of the model given (null where its graph does not say), else of
    /// the data. A network built for one split must have the classes of one built for the other, or they play other games.
    /// </summary>
    private static async Task<int?> ClassesAsync(IExperimentPlan? target, StudySplits splits, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        if (target is null)
        {
            return null;
        }

        var (train, test) = (splits.Train.Dataset.Summary.Classes, splits.Test.Dataset.Summary.Classes);
        if (train != test && !target.Spec.TryGetProperty("model", out _))
        {
            faults.Add("test.dataset", $"has {test} classes and that of train {train}; the networks trained on them would have as many");
        }

        return await TrainingSteps.ClassesAsync(target, splits.Train.Dataset, catalog, cancellation).ConfigureAwait(false);
    }

    private static TrainingDynamicsSpec Analysis(TrainingStudySpec spec, StudySplits splits, SpecFaults faults)
    {
        var own = new SpecFaults();
        var fields = new SpecObject(StudySteps.DynamicsSpec(spec, splits, "target", ["reference"]), string.Empty, own);
        var read = TrainingDynamicsSpec.Read(fields);
        fields.RejectUnknown();
        faults.Add(own.All, path => Rename(path, "analysis"));
        return read;
    }

    private static Task<IExperimentPlan?> TryPlanAsync(JsonElement spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation) =>
        TrainingSteps.TryPlanAsync(spec, catalog, faults, path => Rename(path, "training"), cancellation);

    private static string Rename(string path, string part) =>
        path == SpecFaults.Whole ? part
        : path.StartsWith("train.", StringComparison.Ordinal) || path.StartsWith("test.", StringComparison.Ordinal) ? path
        : $"{part}.{path}";
}
