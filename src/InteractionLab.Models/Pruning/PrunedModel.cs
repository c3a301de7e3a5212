using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Pruning;

/// <summary>A model pruned to some ratio, with the counts that say how far the pruning went.</summary>
/// <param name="Model">The pruned model; at ratio 0 the original, unchanged.</param>
/// <param name="Requested">The ratio asked for, 0..1.</param>
/// <param name="Achieved">
/// Structured: the share of all parameters of the file that are gone, 1 - <paramref name="ParametersAfter"/> /
/// <paramref name="ParametersBefore"/>. Unstructured: <paramref name="Zeroed"/> / <paramref name="Prunable"/>.
/// </param>
/// <param name="ParametersBefore">Parameters of the original as <see cref="ModelSummary.Parameters"/> counts them.</param>
/// <param name="ParametersAfter">The same count of the pruned model; equal to the former for unstructured pruners.</param>
/// <param name="Prunable">Unstructured: weights that may be zeroed. Structured: parameters gone when every channel that can go is gone.</param>
/// <param name="Zeroed">Unstructured: prunable weights that are zero in <paramref name="Model"/>. Structured: 0.</param>
/// <param name="Groups">Structured: every dependency group with what was removed from it. Unstructured: empty.</param>
/// <param name="Slices">
/// Structured: what was cut from every stored tensor. The original with all these slices set to zero computes the same
/// as <paramref name="Model"/>. Unstructured: empty.
/// </param>
public sealed record PrunedModel(
    OnnxModel Model,
    double Requested,
    double Achieved,
    long ParametersBefore,
    long ParametersAfter,
    long Prunable,
    long Zeroed,
    IReadOnlyList<PrunedGroup> Groups,
    IReadOnlyList<PrunedSlices> Slices);

/// <summary>A set of channels (or attention heads) of which each can be removed by itself, with all layers it touches.</summary>
/// <param name="Name">The tensor whose slices carry the channels, as the file calls it, and the axis: <c>fc1.weight[0]</c>.</param>
/// <param name="Channels">Channels of the original.</param>
/// <param name="Removed">Numbers of the removed channels, ascending, 0..<paramref name="Channels"/>-1; at least one channel stays.</param>
public sealed record PrunedGroup(string Name, int Channels, IReadOnlyList<int> Removed);

/// <summary>What was cut from one axis of one stored tensor.</summary>
/// <param name="Tensor">The initializer, or the output of the Constant node.</param>
/// <param name="Axis">The axis, from 0.</param>
/// <param name="Removed">Indices of the original along that axis that are gone, ascending; not empty.</param>
public sealed record PrunedSlices(string Tensor, int Axis, IReadOnlyList<int> Removed);
