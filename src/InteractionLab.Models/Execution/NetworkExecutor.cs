namespace InteractionLab.Models.Execution;

/// <summary>What runs a graph. Both run the same graph and agree to rounding.</summary>
public enum NetworkExecutor
{
    /// <summary>ONNX Runtime: fast, no gradients.</summary>
    OnnxRuntime,

    /// <summary>libtorch: every node a differentiable operation.</summary>
    Torch,
}
