using InteractionLab.Experiments.Common;
using InteractionLab.Models.Outputs;
using InteractionLab.Models.Torch.Gradients;

namespace InteractionLab.Experiments.Networks;

/// <summary>Whether torch can run the models of a spec that needs it: unsupported operators are named before a job starts.</summary>
internal static class TorchFit
{
    /// <summary>Why torch cannot run what gives a model's logits; null where it can, or where these cannot be had, which is said elsewhere.</summary>
    public static string? WhyNot(CatalogModel model, OutputAsk ask) =>
        ModelReadings.Find(model.Sha256, () => File.ReadAllBytes(model.Path), ask).Reading is null ? null : DifferentiableModel.WhyNot(NetworkFile.Of(model, ask).Open());

    public static void Check(NetworkGamesSpec spec, OutputAsk ask, IReadOnlyList<NamedModel> models, NamedModel? chooser, SpecFaults faults)
    {
        var attribution = spec.Players?.By == PlayerChoice.Attribution && faults.IsClean("players.by");
        if (attribution && chooser is null)
        {
            faults.Add("players.by", "attribution needs a model that is there before the job starts");
        }

        for (var i = 0; i < models.Count && faults.IsClean("executor"); i++)
        {
            var runs = spec.Executor == ExecutorKind.Torch;
            if ((runs || (attribution && models[i] == chooser)) && models[i] is { Model: { } model, Field: var field } && faults.IsClean(field)
                && WhyNot(model, ask) is { } reason)
            {
                faults.Add(runs ? field : "players.by", reason);
            }
        }
    }
}
