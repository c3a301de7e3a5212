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

    public NetworkState(TorchNetwork network, TrainableWeights weights, OptimizerSettings optimizer)
    {
        Trained = [.. weights.Trained.Select(name => network.Parameters[name])];
        Optimizer = Optimizer.Create(optimizer, Trained);
        Masks = new WeightMasks([.. weights.Prunable.Select(name => network.Parameters[name])]);
        _tensors = [.. network.Parameters.Values, .. network.Buffers.Values];
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
