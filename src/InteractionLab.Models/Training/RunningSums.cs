using static TorchSharp.torch;

namespace InteractionLab.Models.Training;

/// <summary>Loss and hits summed over batches where the network runs, so that a GPU is not asked after every step.</summary>
internal sealed class RunningSums : IDisposable
{
    private readonly Tensor _loss;
    private readonly Tensor _hits;
    private long _samples;

    public RunningSums(Device device)
    {
        _loss = zeros(1, ScalarType.Float64, device).DetachFromDisposeScope();
        _hits = zeros(1, ScalarType.Int64, device).DetachFromDisposeScope();
    }

    /// <summary>Adds a batch.</summary>
    /// <param name="loss">Its mean loss.</param>
    /// <param name="logits">[B, classes].</param>
    /// <param name="labels">[B].</param>
    public void Add(Tensor loss, Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var count = labels.shape[0];
        _loss.add_(loss.detach().@double(), count);
        _hits.add_(logits.detach().argmax(1).eq(labels).sum());
        _samples += count;
    }

    /// <summary>Mean loss a sample, and the share of hits.</summary>
    public (double Loss, double Accuracy) Means() => (_loss.item<double>() / _samples, (double)_hits.item<long>() / _samples);

    /// <inheritdoc/>
    public void Dispose()
    {
        _loss.Dispose();
        _hits.Dispose();
    }
}
