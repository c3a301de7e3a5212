using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Graph;

/// <summary>One node's work on tensors; sets the node's outputs.</summary>
internal delegate void StepAction(Call call);

/// <summary>One node's work that gives one tensor, which must be new (an alias, never an input itself).</summary>
internal delegate Tensor TensorFunction(Call call);

/// <summary>One node's work that gives several tensors, all new.</summary>
internal delegate Tensor?[] TensorsFunction(Call call);

/// <summary>One node's work on small arrays; null where it is not for the host. Absent inputs are null.</summary>
internal delegate HostArray[]? HostFunction(HostArray?[] inputs);

/// <summary>A compiled node: attributes are resolved, only values are missing.</summary>
internal sealed record Kernel(StepAction Run, HostFunction? Host = null)
{
    /// <summary>One operation of torch, or a few whose intermediate tensors the function disposes itself.</summary>
    public static Kernel Of(TensorFunction function, HostFunction? host = null) => new(call => call.Set(0, function(call)), host);

    /// <summary>Several operations of torch: what is not the result is freed at the end.</summary>
    public static Kernel Composite(TensorFunction function, HostFunction? host = null) => new(
        call =>
        {
            using var scope = NewDisposeScope();
            call.Set(0, function(call).MoveToOuterDisposeScope());
        },
        host);

    /// <summary>Several outputs; null for those the node does not name.</summary>
    public static Kernel Many(TensorsFunction function, HostFunction? host = null) => new(
        call =>
        {
            using var scope = NewDisposeScope();
            var results = function(call);
            for (var i = 0; i < results.Length; i++)
            {
                if (results[i] is { } result && call.Wants(i))
                {
                    call.Set(i, result.MoveToOuterDisposeScope());
                }
            }
        },
        host);
}
