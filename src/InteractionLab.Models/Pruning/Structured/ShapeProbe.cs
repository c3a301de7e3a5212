using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Pruning.Structured;

/// <summary>
/// Sizes of all tensors, found by ONNX Runtime's shape inference for two choices of whatever the inputs leave open. Nothing
/// is run. A size that differs between the two is symbolic.
/// </summary>
internal sealed class ShapeProbe
{
    // The batch: primes, so that its factors are told from others. Other open dimensions: pictures and texts must not
    // vanish in pools and strides.
    private static readonly (long Batch, long Other)[] Choices = [(7, 32), (11, 64)];

    private readonly Dictionary<string, IReadOnlyList<long?>>[] answers;

    public ShapeProbe(ModelProto model)
    {
        answers = [.. Choices.Select(choice => Infer(model, choice.Batch, choice.Other)
            ?? throw new ModelRejectedException("Channels cannot be removed from this model: the shapes of its tensors cannot be inferred."))];
    }

    /// <summary>An unlabelled tensor of the inferred shape, or null where a size stays unknown.</summary>
    public Flow? Tensor(string name)
    {
        if (!answers[0].TryGetValue(name, out var one) || !answers[1].TryGetValue(name, out var two)
            || one.Count != two.Count || one.Concat(two).Any(size => size is null))
        {
            return null;
        }

        return new Flow([.. one.Select(size => size!.Value)], [.. one.Zip(two, (first, second) => first != second)]);
    }

    private static Dictionary<string, IReadOnlyList<long?>>? Infer(ModelProto model, long batch, long other)
    {
        var sized = model.Clone();
        var known = new Dictionary<string, IReadOnlyList<long?>>(StringComparer.Ordinal);
        foreach (var input in sized.Graph.Input)
        {
            if (input.Type?.TensorType?.Shape is not { } shape)
            {
                continue;
            }

            for (var axis = 0; axis < shape.Dim.Count; axis++)
            {
                if (shape.Dim[axis].ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue || shape.Dim[axis].DimValue < 1)
                {
                    shape.Dim[axis] = new TensorShapeProto.Types.Dimension { DimValue = axis == 0 ? batch : other };
                }
            }

            known[input.Name] = [.. shape.Dim.Select(dim => (long?)dim.DimValue)];
        }

        if (NodeShapes.TryInfer(sized, batch) is not { } inferred)
        {
            return null;
        }

        foreach (var (name, shape) in inferred)
        {
            known[name] = shape;
        }

        return known;
    }
}
