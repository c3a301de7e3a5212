using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Masking;

/// <summary>Where two readings of a reshape are possible, which axis the batch goes on along.</summary>
internal enum BatchPlace
{
    /// <summary>The axis that begins where the batch did: what stood behind it was joined to it.</summary>
    Leading,

    /// <summary>The axis that ends where the batch did: it was joined to what stood before it.</summary>
    Trailing,
}

/// <summary>
/// Follows the batch through a graph whose shapes are known for one batch size: along which axis of each tensor it lies,
/// alone or joined with others. A reading, not a proof: what is built on it is for <see cref="BatchProbe"/> to check.
/// </summary>
internal sealed class BatchAxes
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<long?>> shapes;
    private readonly IReadOnlyDictionary<string, long[]> constants;
    private readonly int batch;
    private readonly BatchPlace place;
    private readonly Dictionary<string, int> axes = new(StringComparer.Ordinal);

    public BatchAxes(NetworkGraph network, IReadOnlyDictionary<string, IReadOnlyList<long?>> shapes, IReadOnlyDictionary<string, long[]> constants, BatchPlace place)
    {
        (this.shapes, this.constants, this.place) = (shapes, constants, place);
        batch = network.FixedBatch ?? 1;
        axes[network.Input] = 0;
    }

    /// <summary>The axis of a tensor; null where it does not depend on the input, or nothing is known.</summary>
    public int? this[string name] => axes.TryGetValue(name, out var axis) ? axis : null;

    /// <summary>The sizes of a tensor for the batch size of the trace; null where they are unknown.</summary>
    public long[]? Shape(string name) => shapes.TryGetValue(name, out var shape) && shape.All(size => size is not null) ? [.. shape.Select(size => size!.Value)] : null;

    /// <summary>Follows the batch through a node; its inputs were followed.</summary>
    public void Follow(NodeProto node)
    {
        for (var output = 0; output < node.Output.Count; output++)
        {
            if (node.Output[output].Length > 0 && Of(node, output) is { } axis)
            {
                axes[node.Output[output]] = axis;
            }
        }
    }

    /// <summary>The axis of a reshaped tensor that the batch of the tensor before comes to lie along; null where none fits.</summary>
    public int? Place(long[] from, int axis, long[] to)
    {
        var (before, after) = (Product(from.AsSpan(0, axis)), Product(from.AsSpan(axis + 1)));
        int? leading = null, trailing = null, around = null;
        for (var j = 0; j < to.Length; j++)
        {
            var (ahead, behind) = (Product(to.AsSpan(0, j)), Product(to.AsSpan(j + 1)));
            if (ahead == before && behind == after)
            {
                return j;
            }

            var holds = to[j] % batch == 0;
            leading ??= holds && ahead == before && (to[j] > 1 || batch > 1) ? j : null;
            trailing = holds && behind == after ? j : trailing;
            around ??= holds && ahead <= before && before < ahead * to[j] ? j : null;
        }

        return (place == BatchPlace.Leading ? leading ?? trailing : trailing ?? leading) ?? around;
    }

    private int? Of(NodeProto node, int output)
    {
        var k = node.Input.ToList().FindIndex(axes.ContainsKey);
        if (k < 0 || node.OpType is "Shape" or "Size" || Shape(node.Output[output]) is not { } to || Shape(node.Input[k]) is not { } from)
        {
            return null;
        }

        var axis = axes[node.Input[k]];
        var found = node.OpType switch
        {
            "Transpose" => Array.IndexOf(Integers(node, "perm") ?? [.. Enumerable.Range(0, from.Length).Reverse().Select(i => (long)i)], axis),
            "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" => Place(from, axis, to) ?? -1,
            "Gather" => Gathered(node, k, axis),
            "LSTM" or "GRU" or "RNN" => axis == 1 ? (output == 0 ? 2 : 1) : -1,
            _ when node.OpType.StartsWith("Reduce", StringComparison.Ordinal) || node.OpType is "ArgMax" or "ArgMin" => Reduced(node, axis, from, to),
            _ => axis + to.Length - from.Length,
        };
        return found >= 0 && found < to.Length && to[found] % batch == 0 ? found : null;
    }

    private int Gathered(NodeProto node, int input, int axis)
    {
        var (data, indices) = (Shape(node.Input[0]), Shape(node.Input[1]));
        var along = (int)Integer(node, "axis", 0);
        if (input == 1)
        {
            return (along < 0 ? 0 : along) + axis;
        }

        along = along < 0 ? along + data!.Length : along;
        return axis < along ? axis : axis == along ? -1 : axis + (indices ?? [.. constants.TryGetValue(node.Input[1], out var known) && known.Length > 1 ? [known.Length] : Array.Empty<long>()]).Length - 1;
    }

    private int Reduced(NodeProto node, int axis, long[] from, long[] to)
    {
        if (to.Length == from.Length)
        {
            return axis;
        }

        var reduced = node.OpType.StartsWith("Arg", StringComparison.Ordinal)
            ? [Integer(node, "axis", 0)]
            : Integers(node, "axes") ?? (node.Input.Count > 1 ? constants.GetValueOrDefault(node.Input[1]) : null);
        long[] all = [.. (reduced ?? []).Select(one => one < 0 ? one + from.Length : one)];
        return all.Length == 0 || all.Contains(axis) ? -1 : axis - all.Count(one => one < axis);
    }

    private static long Product(ReadOnlySpan<long> sizes)
    {
        long product = 1;
        foreach (var size in sizes)
        {
            product *= size;
        }

        return product;
    }

    private static long[]? Integers(NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name) is { } found ? [.. found.Ints] : null;

    private static long Integer(NodeProto node, string name, long otherwise) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.I ?? otherwise;
}
