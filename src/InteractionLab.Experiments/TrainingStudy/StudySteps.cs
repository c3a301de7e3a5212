using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>The jobs of a study and their specs.</summary>
internal sealed class StudySteps(TrainingStudySpec spec, StudySplits splits)
{
    /// <summary>The role of the network that is studied.</summary>
    public const string Target = "target";

    /// <summary>The role of its analysis.</summary>
    public const string Dynamics = "dynamics";

    /// <summary>The role of the same training with the penalty.</summary>
    public const string Penalty = "penalty";

    /// <summary>The role of its analysis.</summary>
    public const string PenaltyDynamics = "penalty-dynamics";

    /// <summary>The role of the target pruned.</summary>
    public const string Pruned = "pruned";

    /// <summary>The role of the network trained with the penalty, pruned.</summary>
    public const string PenaltyPruned = "penalty-pruned";

    private const string SweepKind = "pruning-sweep";

    // What a sweep does not take of an analysis.
    private static readonly string[] OfDynamicsAlone = ["limits", "ratio", "share"];

    /// <summary>The references, the target, the dynamics, which follow the target while it trains; then what the comparison asks for.</summary>
    public IReadOnlyList<ChainStep> All { get; } = Build(spec, splits);

    /// <summary>The role of reference k, from 1.</summary>
    public static string Reference(int k) => string.Create(CultureInfo.InvariantCulture, $"reference-{k}");

    /// <summary>The spec of the target's training.</summary>
    public static JsonElement TargetSpec(TrainingStudySpec spec, StudySplits splits) => TrainingSpec(spec, splits.Train, splits.Test, 0);

    /// <summary>The spec of a reference's training: on the testing split, keeping the last epoch alone.</summary>
    public static JsonElement ReferenceSpec(TrainingStudySpec spec, StudySplits splits, int k) => TrainingSpec(spec, splits.Test, splits.Train, k);

    /// <summary>The spec of the analysis.</summary>
    public static JsonElement DynamicsSpec(TrainingStudySpec spec, StudySplits splits, string job, IEnumerable<string> references)
    {
        var (train, test) = splits.Draw(spec.Samples, spec.Seed);
        var node = JsonObject.Create(spec.Analysis)!;
        node["trainingJob"] = job;
        node["references"] = new JsonArray([.. references.Select(id => (JsonNode)id)]);
        node["train"] = JsonSerializer.SerializeToNode(train, LabJson.Options);
        node["test"] = JsonSerializer.SerializeToNode(test, LabJson.Options);
        node.TryAdd("seed", spec.Seed);
        TakeOutput(spec, node);
        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>The spec of the training with the penalty: the target's in everything else, its seed too.</summary>
    public static JsonElement PenaltySpec(TrainingStudySpec spec, StudySplits splits, string reference)
    {
        var node = JsonObject.Create(TargetSpec(spec, splits))!;
        node["penalty"] = JsonSerializer.SerializeToNode(spec.Penalty!.Against(reference), LabJson.Options);
        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>
    /// The spec of a pruning sweep of a last network: accuracy on the whole testing split, games of the analysed testing
    /// samples, decomposed one by one.
    /// </summary>
    public static JsonElement PrunedSpec(TrainingStudySpec spec, StudySplits splits, string model, string reference)
    {
        var node = JsonObject.Create(spec.Analysis)!;
        foreach (var field in OfDynamicsAlone)
        {
            node.Remove(field);
        }

        var games = splits.Draw(spec.Samples, spec.Seed).Test;
        node["model"] = model;
        node["references"] = new JsonArray(reference);
        node["dataset"] = games.Dataset;
        node["samples"] = JsonSerializer.SerializeToNode(games.Samples, LabJson.Options);
        node["evaluation"] = JsonSerializer.SerializeToNode(splits.Test.Spec, LabJson.Options);
        node["ratios"] = JsonSerializer.SerializeToNode(spec.Pruned!.Ratios, LabJson.Options);
        node["pruner"] = JsonSerializer.SerializeToNode(spec.Pruned.Pruner, LabJson.Options);
        node["decomposition"] = "separate";
        node.TryAdd("seed", spec.Seed);
        TakeOutput(spec, node);
        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>Networks that are trained from one with several inputs or outputs are read as their training read it, unless the analysis says otherwise.</summary>
    private static void TakeOutput(TrainingStudySpec spec, JsonObject node)
    {
        foreach (var field in ModelReadings.FieldNames)
        {
            if (spec.Training.TryGetProperty(field, out var given))
            {
                node.TryAdd(field, JsonSerializer.SerializeToNode(given));
            }
        }
    }

    private static ChainStep[] Build(TrainingStudySpec spec, StudySplits splits)
    {
        string[] references = [.. Enumerable.Range(1, spec.References).Select(Reference)];
        return
        [
            .. references.Select((role, i) => new ChainStep(role, $"reference {i + 1}", FollowedTraining.Kind, [], [], _ => ReferenceSpec(spec, splits, i + 1))),
            new ChainStep(Target, "target", FollowedTraining.Kind, [], [], _ => TargetSpec(spec, splits)),
            new ChainStep(
                Dynamics,
                "dynamics",
                TrainingDynamicsExperiment.KindName,
                references,
                [Target],
                state => DynamicsSpec(spec, splits, state.Job(Target), references.Select(role => TrainingSteps.LastModel(state.Result(role))))),
            .. spec.Penalty is null ? [] : WithPenalty(spec, splits, references),
            .. spec.Pruned is null ? [] : WithPruning(spec, splits),
        ];
    }

    // After the target, so that the two trainings do not share the machine and their times can be compared.
    private static IEnumerable<ChainStep> WithPenalty(TrainingStudySpec spec, StudySplits splits, string[] references) =>
    [
        new(Penalty, "target with the penalty", FollowedTraining.Kind, [references[0], Target], [], state => PenaltySpec(spec, splits, TrainingSteps.LastModel(state.Result(references[0])))),
        new(
            PenaltyDynamics,
            "dynamics with the penalty",
            TrainingDynamicsExperiment.KindName,
            references,
            [Penalty],
            state => DynamicsSpec(spec, splits, state.Job(Penalty), references.Select(role => TrainingSteps.LastModel(state.Result(role))))),
    ];

    private static IEnumerable<ChainStep> WithPruning(TrainingStudySpec spec, StudySplits splits)
    {
        ChainStep Prune(string role, string title, string trained) => new(
            role,
            title,
            SweepKind,
            [Reference(1), trained],
            [],
            state => PrunedSpec(spec, splits, TrainingSteps.LastModel(state.Result(trained)), TrainingSteps.LastModel(state.Result(Reference(1)))));
        return
        [
            Prune(Pruned, "target pruned", Target),
            .. spec.Penalty is null ? [] : new[] { Prune(PenaltyPruned, "target with the penalty, pruned", Penalty) },
        ];
    }

    private static JsonElement TrainingSpec(TrainingStudySpec spec, StudySplit train, StudySplit test, int reference)
    {
        var node = JsonObject.Create(spec.Training)!;
        node["train"] = JsonSerializer.SerializeToNode(train.Spec, LabJson.Options);
        node["test"] = JsonSerializer.SerializeToNode(test.Spec, LabJson.Options);
        if (reference > 0)
        {
            node["snapshots"] = TrainingSteps.LastSnapshot(node);
        }

        if (node["seed"] is null or JsonValue)
        {
            var seed = node["seed"] is JsonValue given && given.TryGetValue<long>(out var own) ? own : spec.Seed;
            node["seed"] = node["seed"] is null || reference > 0 ? seed + reference : node["seed"]!.DeepClone();
        }

        return JsonSerializer.SerializeToElement(node);
    }
}
