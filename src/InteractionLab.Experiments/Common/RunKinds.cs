using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Common;

/// <summary>What happens to cells that belong to no player (method.md §1).</summary>
public enum OutsideKind
{
    /// <summary>They keep their value.</summary>
    Keep,

    /// <summary>They always take the baseline.</summary>
    Baseline,
}

/// <summary>What runs the network.</summary>
public enum ExecutorKind
{
    /// <summary>ONNX Runtime.</summary>
    Onnxruntime,

    /// <summary>libtorch.</summary>
    Torch,
}

/// <summary>What the executors of a spec are in the models' own terms.</summary>
internal static class ExecutorKinds
{
    public static NetworkExecutor Runs(this ExecutorKind kind) => kind == ExecutorKind.Torch ? NetworkExecutor.Torch : NetworkExecutor.OnnxRuntime;
}
