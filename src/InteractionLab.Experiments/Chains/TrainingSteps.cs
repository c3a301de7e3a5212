using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.Chains;

/// <summary>Steps of a chain that train.</summary>
internal static class TrainingSteps
{
    /// <summary>Id of the network that a training ended with.</summary>
    /// <param name="result">The result of its job.</param>
    /// <exception cref="ExperimentException">It kept none.</exception>
    public static string LastModel(JsonElement result) => LastModel(result.Deserialize<TrainingResult>(LabJson.Options)!);

    /// <summary>Id of the network that a training ended with.</summary>
    /// <exception cref="ExperimentException">It kept none.</exception>
    public static string LastModel(TrainingResult training) =>
        training.Snapshots.MaxBy(snapshot => snapshot.Epoch)?.Model ?? throw new ExperimentException("A training job kept no model.");

    /// <summary>
    /// What <c>snapshots</c> of a training spec is where its last network is all that is needed; none where the epochs are wrong,
    /// which the field <c>epochs</c> says by itself.
    /// </summary>
    public static JsonArray? LastSnapshot(JsonObject training) =>
        training["epochs"] is JsonValue value && value.TryGetValue<int>(out var epochs) && epochs is >= 1 and <= TrainingSpecReader.MostEpochs ? new JsonArray(epochs) : null;

    /// <summary>A loss or an accuracy; null where there is none, or where a diverged training left no number.</summary>
    public static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    /// <summary>Plans a training job that will be queued later; its faults stand where <paramref name="rename"/> says.</summary>
    public static async Task<IExperimentPlan?> TryPlanAsync(JsonElement spec, ILabCatalog catalog, SpecFaults faults, Func<string, string> rename, CancellationToken cancellation)
    {
        try
        {
            return await ExperimentCatalog.Get(FollowedTraining.Kind).PlanAsync(spec, catalog, cancellation).ConfigureAwait(false);
        }
        catch (SpecException refused)
        {
            faults.Add(refused.Errors.SelectMany(error => error.Value.Select(why => (error.Key, why))), rename);
            return null;
        }
    }

    /// <summary>
    /// The classes of the networks that will be trained: those of the model given (null where its graph does not say), else
    /// of the data.
    /// </summary>
    public static async Task<int?> ClassesAsync(IExperimentPlan training, CatalogDataset train, ILabCatalog catalog, CancellationToken cancellation)
    {
        if (training.Spec.TryGetProperty("model", out var id) && id.ValueKind == JsonValueKind.String)
        {
            var spec = training.Spec.Deserialize<TrainingSpec>(LabJson.Options)!;
            return await catalog.FindModelAsync(id.GetString()!, cancellation).ConfigureAwait(false) is { } model
                ? ModelReadings.Check(model, TrainedOutput.Ask(spec, train.Summary), "model", isOnly: true, new SpecFaults())?.Classes
                : null;
        }

        return train.Summary.Classes;
    }
}
