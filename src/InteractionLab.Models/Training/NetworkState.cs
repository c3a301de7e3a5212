using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Torch.Values;
using InteractionLab.Models.Training.Checkpoints;
using InteractionLab.Models.Training.Optimizers;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training;

/// <summary>Everything the next epoch depends on. Owns the optimizer and the masks; not the network.</summary>
internal sealed class NetworkState : IDisposable
{
    private readonly Tensor[] _tensors;
    private readonly (string Name, Tensor Tensor)[] _kept;

    public NetworkState(TorchNetwork network, TrainableWeights weights, OptimizerSettings optimizer)
    {
        Trained = [.. weights.Trained.Select(name => network.Parameters[name])];
        Optimizer = Optimizer.Create(optimizer, Trained);
        Masks = new WeightMasks([.. weights.Prunable.Select(name => network.Parameters[name])]);
        _tensors = [.. network.Parameters.Values, .. network.Buffers.Values];
        _kept = [.. weights.Trained.Select(name => (name, network.Parameters[name])), .. network.Buffers.Select(buffer => (buffer.Key, buffer.Value))];
    }

    /// <summary>Finished epochs.</summary>
    public int Epoch { get; set; }

    /// <summary>The parameters that the logits depend on, in graph order.</summary>
    public Tensor[] Trained { get; }

    /// <summary>The update rule.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The pruned weights.</summary>
    public WeightMasks Masks { get; }

    /// <summary>Prunes to a share and forgets the optimizer's past.</summary>
    public void BeginRound(double sparsity)
    {
        Masks.PruneTo(sparsity);
        Optimizer.Reset();
    }

    /// <summary>Makes sure that every trained weight and running statistic is a finite number.</summary>
    /// <param name="when">For the message.</param>
    /// <exception cref="TrainingException">One is not; it is named.</exception>
    public void CheckFinite(string when)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var odd = zeros(1, ScalarType.Bool, _kept.Length == 0 ? CPU : _kept[0].Tensor.device);
        foreach (var (_, tensor) in _kept)
        {
            odd.logical_or_(tensor.isfinite().all().logical_not());
        }

        // One question to the device where all is well.
        if (!odd.item<bool>())
        {
            return;
        }

        var name = _kept.First(kept => !kept.Tensor.isfinite().all().item<bool>()).Name;
        throw new TrainingException($"The tensor {ModelValidator.Quote(name)} holds numbers that are not finite {when}, so training stops: nothing is kept of them.");
    }

    /// <summary>Copies the state.</summary>
    public Checkpoint Capture() => new(Epoch, Optimizer.Steps, [.. _tensors.Select(tensor => tensor.Elements<float>())], [.. Optimizer.State.Select(tensor => tensor.Elements<float>())], [.. Masks.State.Select(tensor => tensor.Elements<bool>())]);

    /// <summary>Takes a state over.</summary>
    /// <exception cref="InvalidDataException">It is of another network or optimizer; nothing was changed.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        if (!Fits(_tensors, checkpoint.Tensors) || !Fits(Optimizer.State, checkpoint.Optimizer) || !Fits(Masks.State, checkpoint.Masks))
        {
            throw new InvalidDataException("it belongs to another network or optimizer");
        }

        using var quiet = no_grad();
        Write(_tensors, checkpoint.Tensors);
        Optimizer.Restore(checkpoint.OptimizerSteps);
        Write(Optimizer.State, checkpoint.Optimizer);
        Masks.Restore(checkpoint.Masks);
        Epoch = checkpoint.Epoch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Masks.Dispose();
    }

    private static bool Fits<T>(IReadOnlyList<Tensor> tensors, IReadOnlyList<T[]> arrays) =>
        tensors.Count == arrays.Count && tensors.Zip(arrays).All(pair => pair.First.numel() == pair.Second.Length);

    private static void Write(IReadOnlyList<Tensor> tensors, IReadOnlyList<float[]> arrays)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < tensors.Count; i++)
        {
            tensors[i].copy_(tensor(arrays[i], tensors[i].shape));
        }
    }
}
