using InteractionLab.Models.Datasets.Training;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training;

/// <summary>Batches as tensors.</summary>
internal static class BatchTensors
{
    /// <summary>Inputs [B, sample] (float32, or int64 token ids) and labels [B] int64 of a batch; copies, so that the batch may be filled again.</summary>
    public static (Tensor Inputs, Tensor Labels) Of(Batch batch, Device device)
    {
        long[] shape = [batch.Labels.Length, .. batch.SampleShape.Select(side => (long)side)];
        var inputs = batch.Tokens is { } tokens ? tensor(tokens, shape, device: device) : tensor(batch.Values, shape, device: device);
        var labels = tensor(batch.Labels, device: device);
        return batch.Count == batch.Labels.Length ? (inputs, labels) : (inputs.narrow(0, 0, batch.Count), labels.narrow(0, 0, batch.Count));
    }
}
