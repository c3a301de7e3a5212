using InteractionLab.Models.Masking;

namespace InteractionLab.Models.Torch;

/// <summary>How a graph is brought into torch.</summary>
/// <param name="Device">Where its tensors live; <see cref="DeviceKind.Auto"/> takes CUDA where there is one.</param>
/// <param name="Double">Computes in double what the graph declares as single (finite differences need it).</param>
internal sealed record TorchOptions(DeviceKind Device = DeviceKind.Cpu, bool Double = false);

/// <summary>What a forward pass is for.</summary>
internal enum ForwardMode
{
    /// <summary>The graph as it is written: running statistics, no dropout.</summary>
    Inference,

    /// <summary>
    /// Batch normalisation uses the statistics of the batch and updates its buffers (momentum 1 - ONNX momentum, unbiased
    /// running variance), and dropout draws from the stream that <see cref="TorchNetwork.Seed"/> sets.
    /// </summary>
    Training,
}
