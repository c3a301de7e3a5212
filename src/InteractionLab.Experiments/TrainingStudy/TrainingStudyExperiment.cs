using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>The kind <c>training-study</c>.</summary>
public sealed class TrainingStudyExperiment : Experiment<TrainingStudySpec, TrainingStudyResult>
{
    private const long CellBytes = 64 << 10;

    /// <inheritdoc/>
    public override string Kind => "training-study";

    /// <inheritdoc/>
    public override string Title => "Training study";

    /// <inheritdoc/>
    public override string Description =>
        "The whole study of training dynamics as a chain of jobs: splits the data, trains references on the testing split and a target on the training split, and follows the target's interactions while it trains.";

    private protected override TrainingStudySpec Read(SpecObject fields) => TrainingStudySpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(TrainingStudySpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var splits = await StudySplits.FindAsync(spec, catalog, faults, cancellation).ConfigureAwait(false);
        if (splits is null || !faults.AreClean("training", "analysis", "references", "samples"))
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
        if (target is null || reference is null || games is not { } rows)
        {
            return null;
        }

        var snapshots = FollowedTraining.EpochsOf(target.Spec).Count;
        return new TrainingStudyPlan(spec, splits, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(spec, LabJson.Options),
            Datasets = [.. new[] { splits.Train.Dataset.Id, splits.Test.Dataset.Id }.Distinct()],
            Models = target.Models,
            Estimate = new ExperimentEstimate(
                target.Estimate.ForwardPasses + (spec.References * reference.Estimate.ForwardPasses) + ((spec.References + snapshots) * rows),
                (spec.References + 2) * CellBytes,
                null),
        };
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

        if (target.Spec.TryGetProperty("model", out var id) && id.ValueKind == JsonValueKind.String)
        {
            return await catalog.FindModelAsync(id.GetString()!, cancellation).ConfigureAwait(false) is { } model ? TrainingFit.CheckModel(model.Summary, new()) : null;
        }

        var (train, test) = (splits.Train.Dataset.Summary.Classes, splits.Test.Dataset.Summary.Classes);
        if (train != test)
        {
            faults.Add("test.dataset", $"has {test} classes and that of train {train}; the networks trained on them would have as many");
        }

        return train;
    }

    private static TrainingDynamicsSpec Analysis(TrainingStudySpec spec, StudySplits splits, SpecFaults faults)
    {
        var own = new SpecFaults();
        var fields = new SpecObject(StudySteps.DynamicsSpec(spec, splits, "target", ["reference"]), string.Empty, own);
        var read = TrainingDynamicsSpec.Read(fields);
        fields.RejectUnknown();
        Add(own, faults, "analysis");
        return read;
    }

    /// <summary>Plans a training job that will be queued later; its faults stand under <c>training</c>.</summary>
    private static async Task<IExperimentPlan?> TryPlanAsync(JsonElement spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        try
        {
            return await ExperimentCatalog.Get(FollowedTraining.Kind).PlanAsync(spec, catalog, cancellation).ConfigureAwait(false);
        }
        catch (SpecException refused)
        {
            foreach (var (path, whys) in refused.Errors)
            {
                foreach (var why in whys)
                {
                    faults.Add(Rename(path, "training"), why);
                }
            }

            return null;
        }
    }

    private static void Add(SpecFaults from, SpecFaults to, string part)
    {
        foreach (var (path, why) in from.All)
        {
            to.Add(Rename(path, part), why);
        }
    }

    private static string Rename(string path, string part) =>
        path == SpecFaults.Whole ? part
        : path.StartsWith("train.", StringComparison.Ordinal) || path.StartsWith("test.", StringComparison.Ordinal) ? path
        : $"{part}.{path}";
}
