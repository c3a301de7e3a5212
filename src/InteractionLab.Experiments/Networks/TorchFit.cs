using InteractionLab.Experiments.Common;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;

namespace InteractionLab.Experiments.Networks;

/// <summary>Whether torch can run the models of a spec that needs it: unsupported operators are named before a job starts.</summary>
internal static class TorchFit
{
    public static void Check(NetworkGamesSpec spec, IReadOnlyList<NamedModel> models, NamedModel? chooser, SpecFaults faults)
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
                && DifferentiableModel.WhyNot(OnnxModel.Load(File.ReadAllBytes(model.Path))) is { } reason)
            {
                faults.Add(runs ? field : "players.by", reason);
            }
        }
    }
}
