using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Experiments.Training;
using InteractionLab.Interactions;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>The kind <c>training-dynamics</c>.</summary>
public sealed class TrainingDynamicsExperiment : Experiment<TrainingDynamicsSpec, TrainingDynamicsResult>
{
    /// <summary>The name in the API.</summary>
    internal const string KindName = "training-dynamics";

    private const string FirstReference = "references[0]";
    private const long HeaderBytes = 1024;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override string Title => "Training dynamics";

    /// <inheritdoc/>
    public override string Description =>
        "Follows the interactions of a network through training: how many there are, how much of them generalizes to networks trained on the testing split, in which phases, and how much of the gap between the losses the rest explains.";

    private protected override TrainingDynamicsSpec Read(SpecObject fields) => TrainingDynamicsSpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(TrainingDynamicsSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var snapshots = await SnapshotSet.FindAsync(spec.TrainingJob, spec.Snapshots, catalog, faults, cancellation).ConfigureAwait(false);

        // The snapshots first: it is they that references must be like.
        var named = (snapshots?.Named ?? []).Concat(spec.References.Select((id, k) => ($"references[{k}]", id))).ToArray();
        var ask = await ModelReadings.AskAsync(spec, spec.Train.Dataset, catalog, cancellation).ConfigureAwait(false);
        var models = await NetworkGames.FindModelsAsync(named, ask, catalog, faults, cancellation).ConfigureAwait(false);
        SnapshotSet.CheckShapes(models.SkipLast(spec.References.Count), faults);
        var train = await LayOutSplitAsync("train", spec, spec.Train, models, catalog, faults, cancellation).ConfigureAwait(false);
        var test = await LayOutSplitAsync("test", spec, spec.Test, models, catalog, faults, cancellation).ConfigureAwait(false);
        CheckTarget(train, test, faults);
        return snapshots is null || train is null || test is null || models.Any(model => model.Model is null || !faults.IsClean(model.Field))
            ? null
            : LayOut(spec, snapshots, models, train, test with { BaselineDataset = train.Dataset, MeanIsKept = true, Ask = train.Ask }, catalog, faults);
    }

    /// <summary>
    /// Checks the games of a spec whose models are not there yet. The games of both splits; null,
    /// with faults recorded under the names that <paramref name="rename"/> gives, where they cannot be played.
    /// </summary>
    /// <param name="spec">The spec; its models are not looked at.</param>
    /// <param name="classes">The classes that the models will have; null where that is not known.</param>
    /// <param name="catalog">The datasets.</param>
    /// <param name="faults">Where faults go.</param>
    /// <param name="rename">The field of the caller's spec for a field of this one.</param>
    /// <param name="cancellation">Ends the check.</param>
    internal static async Task<CheckedGames?> CheckGamesAsync(
        TrainingDynamicsSpec spec, int? classes, ILabCatalog catalog, SpecFaults faults, Func<string, string> rename, CancellationToken cancellation)
    {
        var own = new SpecFaults();
        var train = await LayOutSplitAsync("train", spec, spec.Train, [], catalog, own, cancellation).ConfigureAwait(false);
        var test = await LayOutSplitAsync("test", spec, spec.Test, [], catalog, own, cancellation).ConfigureAwait(false);
        CheckTarget(train, test, own);
        ModelFit.CheckClass(train?.Spec.Value?.Target, classes, own);
        faults.Add(own.All, rename);
        return train is null || test is null || own.All.Any() ? null : new CheckedGames(train, test);
    }

    /// <summary>The games of a job whose networks are not there yet.</summary>
    internal sealed record CheckedGames(NetworkGames Train, NetworkGames Test)
    {
        /// <summary>The rows of network input that one network runs.</summary>
        public long Rows => Train.Rows + Train.Samples.Keys.Count + Test.Rows + Test.Samples.Keys.Count;
    }

    private static TrainingDynamicsPlan? LayOut(
        TrainingDynamicsSpec spec, SnapshotSet snapshots, IReadOnlyList<NamedModel> models, NetworkGames train, NetworkGames test, ILabCatalog catalog, SpecFaults faults)
    {
        var mostPasses = catalog.MaxForwardPasses;
        var layout = new DynamicsLayout(spec.References.Count, snapshots.Epochs, train.Samples.Keys.Count, test.Samples.Keys.Count, train.PlayerCount);
        var rows = layout.Networks * (((long)layout.Samples << layout.Players) + layout.Samples) + train.AttributionPasses + test.AttributionPasses;
        if (rows > mostPasses)
        {
            faults.Add("train.samples", $"{layout.Networks} networks on {layout.Samples} samples of {layout.Players} players need {rows} forward passes; one job may ask for {mostPasses}");
        }

        if (test.PlayerCount != train.PlayerCount)
        {
            faults.Add("test.dataset", $"its samples have {test.PlayerCount} players, the training samples {train.PlayerCount}");
            return null;
        }

        var filled = spec with { Cut = train.Spec.Cut, Value = train.Spec.Value, Snapshots = spec.Snapshots is null ? null : [.. spec.Snapshots.OrderBy(snapshot => snapshot.Epoch)] };
        var known = models.Select(model => model.Model!).ToArray();
        var references = known[^layout.References..];
        return new TrainingDynamicsPlan(filled, layout, train, test, snapshots, references, known[..^layout.References], catalog)
        {
            Spec = JsonSerializer.SerializeToElement(filled, LabJson.Options),
            Cells = layout.Keys,
            Models = [.. known.Select(model => model.Id).Distinct()],
            Datasets = [.. new[] { train.Dataset.Id, test.Dataset.Id }.Distinct()],
            Estimate = new ExperimentEstimate(rows, Bytes(spec, layout), HeadPasses: train.HeadPasses(layout.Networks) + test.HeadPasses(layout.Networks), Note: train.Warning),
        };
    }

    /// <summary>The games of one split; faults of its dataset and samples are named under it.</summary>
    private static async Task<NetworkGames?> LayOutSplitAsync(
        string split, TrainingDynamicsSpec spec, SplitSpec samples, IReadOnlyList<NamedModel> models, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        if (faults.All.Any(fault => fault.Path == split))
        {
            return null;
        }

        // The snapshots that there are change while a job trains: players by attribution are the first reference's.
        var chooser = models.FirstOrDefault(model => model.Field == FirstReference);
        var own = new SpecFaults();
        own.Add(faults.All.Where(fault => !IsOfSplit(fault.Path)), path => IsOf(path, split) ? path[(split.Length + 1)..] : path);
        var games = await NetworkGames.LayOutAsync(new SplitGames(spec) { Dataset = samples.Dataset, Samples = samples.Samples }, models, catalog, own, cancellation, chooser).ConfigureAwait(false);
        faults.Add(own.All, path => IsOfSplit(path) ? $"{split}.{path}" : path);
        return games;

        // The names of a split's fields; a spec that has them beside its splits was told so.
        static bool IsOfSplit(string path) => IsOf(path, "dataset") || IsOf(path, "samples");
    }

    private static bool IsOf(string path, string field) =>
        path.StartsWith(field, StringComparison.Ordinal) && (path.Length == field.Length || path[field.Length] is '.' or '[');

    private static void CheckTarget(NetworkGames? train, NetworkGames? test, SpecFaults faults)
    {
        if (train?.Spec.Value?.Target?.Word == ValueSpec.Predicted || test?.Spec.Value?.Target?.Word == ValueSpec.Predicted)
        {
            faults.Add("value.target", "the networks predict different classes; use label or a class");
        }
    }

    private static long Bytes(TrainingDynamicsSpec spec, DynamicsLayout layout)
    {
        // A game: v, and, or; and δ where it is not all 0. The artifacts: all four.
        var arrays = (spec.Interactions.Solver == SolverKind.Half || spec.Interactions.Noise == 0 ? 3 : 4) + 4;
        return (long)layout.Networks * layout.Samples * ((arrays * sizeof(double) << layout.Players) + HeaderBytes);
    }

    private sealed record SplitGames : NetworkGamesSpec
    {
        public SplitGames(GameSettings settings)
            : base(settings)
        {
        }
    }
}
