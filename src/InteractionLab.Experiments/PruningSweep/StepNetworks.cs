using System.Globalization;
using System.Security.Cryptography;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>The network of one ratio.</summary>
/// <param name="File">The file.</param>
/// <param name="Achieved">The ratio reached.</param>
/// <param name="Parameters">Parameters of the file.</param>
/// <param name="Model">Its id where it is registered.</param>
/// <param name="Same">The network of the base cells that it is; null for one of its own.</param>
internal sealed record StepNetwork(NetworkFile File, double Achieved, long? Parameters, string? Model, int? Same);

/// <summary>Makes the networks of the ratios, one at a time: the last one made is held.</summary>
internal sealed class StepNetworks(SweepLayout layout, IJobContext context)
{
    private Pruner? _pruner;
    private (int Step, StepNetwork Network)? _last;

    /// <summary>The network of a step; registered first where the spec keeps models.</summary>
    /// <exception cref="ExperimentException">The model cannot be pruned.</exception>
    public async Task<StepNetwork> GetAsync(int step, CancellationToken cancellation)
    {
        if (_last is { } last && last.Step == step)
        {
            return last.Network;
        }

        var wanted = layout.Steps[step];
        var network = wanted.Model is { } model
            ? new StepNetwork(NetworkFile.Of(model, layout.Games.Ask), wanted.Ratio, model.Summary.Parameters, model.Id, layout.SameAs(model.Sha256))
            : await PruneAsync(wanted.Ratio, cancellation).ConfigureAwait(false);
        _last = (step, network);
        return network;
    }

    private async Task<StepNetwork> PruneAsync(double ratio, CancellationToken cancellation)
    {
        var (bytes, achieved, parameters) = await Task.Run(() => Prune(ratio), cancellation).ConfigureAwait(false);
        var name = string.Create(CultureInfo.InvariantCulture, $"{layout.Model.Name}, {EnumWords.Of(layout.Spec.Pruner!.Type)} {ratio:0.####}");
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var id = layout.Spec.KeepModels ? (await context.RegisterModelAsync(name, bytes, cancellation).ConfigureAwait(false)).Id : null;
        return new StepNetwork(new NetworkFile(name, sha256, () => bytes, layout.Games.Ask), achieved, parameters, id, layout.SameAs(sha256));
    }

    private (byte[] Bytes, double Achieved, long Parameters) Prune(double ratio)
    {
        try
        {
            _pruner ??= Pruner.Create(OnnxModel.Load(File.ReadAllBytes(layout.Model.Path)), layout.Spec.Pruner!.Options);
            var pruned = _pruner.Prune(ratio);
            return (pruned.Model.ToBytes(), pruned.Achieved, pruned.ParametersAfter);
        }
        catch (ModelRejectedException exception)
        {
            throw new ExperimentException($"The model '{layout.Model.Name}' cannot be pruned: {exception.Message}", exception);
        }
    }
}
