using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>The jobs of a study and their specs.</summary>
internal sealed class StudySteps(TrainingStudySpec spec, StudySplits splits)
{
    private const string Target = "target";
    private const string Dynamics = "dynamics";

    /// <summary>The references, the target, the dynamics, which follow the target while it trains.</summary>
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
        var (train, test) = splits.Draw(spec);
        var node = JsonObject.Create(spec.Analysis)!;
        node["trainingJob"] = job;
        node["references"] = new JsonArray([.. references.Select(id => (JsonNode)id)]);
        node["train"] = JsonSerializer.SerializeToNode(train, LabJson.Options);
        node["test"] = JsonSerializer.SerializeToNode(test, LabJson.Options);
        node.TryAdd("seed", spec.Seed);
        return JsonSerializer.SerializeToElement(node);
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
                state => DynamicsSpec(spec, splits, state.Job(Target), references.Select(role => LastModel(state.Result(role))))),
        ];
    }

    private static JsonElement TrainingSpec(TrainingStudySpec spec, StudySplit train, StudySplit test, int reference)
    {
        var node = JsonObject.Create(spec.Training)!;
        node["train"] = JsonSerializer.SerializeToNode(train.Spec, LabJson.Options);
        node["test"] = JsonSerializer.SerializeToNode(test.Spec, LabJson.Options);
        if (reference > 0)
        {
            // Its last epoch is all that is needed of it.
            node["snapshots"] = node["epochs"] is { } epochs ? new JsonArray(epochs.DeepClone()) : null;
        }

        if (node["seed"] is null or JsonValue)
        {
            var seed = node["seed"] is JsonValue given && given.TryGetValue<long>(out var own) ? own : spec.Seed;
            node["seed"] = node["seed"] is null || reference > 0 ? seed + reference : node["seed"]!.DeepClone();
        }

        return JsonSerializer.SerializeToElement(node);
    }

    private static string LastModel(JsonElement result)
    {
        var training = result.Deserialize<TrainingResult>(LabJson.Options)!;
        return training.Snapshots.MaxBy(snapshot => snapshot.Epoch)?.Model ?? throw new ExperimentException("A reference kept no model.");
    }
}
