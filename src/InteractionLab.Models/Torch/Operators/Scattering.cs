using InteractionLab.Models.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Entries written at indices.</summary>
internal static class Scattering
{
    public static void Register(OperatorTable table)
    {
        table.Add("Scatter", Elements);
        table.Add("ScatterElements", Elements);
        table.Add("ScatterND", node =>
        {
            var reduction = Reduction(node);
            return Kernel.Composite(call => Nd(call, reduction));
        });
    }

    private static string Reduction(OperatorNode node)
    {
        var reduction = node.Text("reduction", "none");
        return reduction is "none" or "add" or "mul" or "max" or "min"
            ? reduction
            : throw OperatorNode.Unsupported($"the reduction '{reduction}' is unknown");
    }

    private static Kernel Elements(OperatorNode node)
    {
        var (axis, reduction) = (node.Integer("axis", 0), Reduction(node));
        return Kernel.Composite(call =>
        {
            var x = call[0];
            var at = (int)(axis < 0 ? axis + x.ndim : axis);
            var indices = Gathering.Wrapped(call, 1, x.shape[at]);
            return reduction switch
            {
                "none" => x.scatter(at, indices, call[2]),
                "add" => x.scatter_add(at, indices, call[2]),
                _ => Flat(x.flatten(), Places(x.shape, indices, at).flatten(), call[2].flatten(), reduction).reshape(x.shape),
            };
        });
    }

    /// <summary>The place in the flattened tensor that each index along an axis means.</summary>
    private static Tensor Places(long[] shape, Tensor indices, int axis)
    {
        var stride = HostMath.Elements(shape[(axis + 1)..]);
        var places = indices * stride;
        for (var other = 0; other < shape.Length; other++)
        {
            if (other != axis)
            {
                var around = new long[shape.Length];
                Array.Fill(around, 1);
                around[other] = indices.shape[other];
                places += (arange(indices.shape[other], ScalarType.Int64, indices.device) * HostMath.Elements(shape[(other + 1)..])).reshape(around);
            }
        }

        return places;
    }

    private static Tensor Nd(Call call, string reduction)
    {
        var (x, indices, updates) = (call[0], call[1].type(ScalarType.Int64), call[2]);
        var shape = x.shape;
        var depth = (int)indices.shape[^1];
        var rows = Gathering.Rows(indices, shape, 0, depth, call.Device).flatten();
        long[] table = [HostMath.Elements(shape[..depth]), HostMath.Elements(shape[depth..])];
        return Flat(x.reshape(table), rows, updates.reshape(rows.NumberOfElements, table[1]), reduction).reshape(shape);
    }

    private static Tensor Flat(Tensor x, Tensor places, Tensor updates, string reduction) => reduction switch
    {
        "none" => x.index_copy(0, places, updates),
        "add" => x.index_add(0, places, updates, 1),
        _ => Reduced(x, places, updates, reduction),
    };

    /// <summary>
    /// Rows joined with what meets in one place, in rounds of at most one update a place (TorchSharp has no index_reduce):
    /// the k-th update of every place is in round k. As many rounds as the place that is met most often needs.
    /// </summary>
    private static Tensor Reduced(Tensor x, Tensor places, Tensor updates, string reduction)
    {
        var (order, turns) = Turns(places);
        var sorted = places.index_select(0, order);
        var values = updates.index_select(0, order);
        var last = turns.NumberOfElements == 0 ? -1 : turns.max().item<long>();
        for (var turn = 0L; turn <= last; turn++)
        {
            var now = turns.eq(turn).nonzero().flatten();
            var at = sorted.index_select(0, now);
            var (present, update) = (x.index_select(0, at), values.index_select(0, now));
            x = x.index_copy(0, at, reduction switch
            {
                "mul" => present * update,
                "max" => maximum(present, update),
                _ => minimum(present, update),
            });
        }

        return x;
    }

    /// <summary>The updates sorted by place, and which one of its place's each is, from 0.</summary>
    private static (Tensor Order, Tensor Turns) Turns(Tensor places)
    {
        using var quiet = no_grad();
        var (sorted, order) = places.sort(0, false, stable: true);
        var numbers = arange(places.NumberOfElements, ScalarType.Int64, places.device);
        var starts = cat([ones(Math.Min(1, places.NumberOfElements), ScalarType.Bool, places.device), sorted.narrow(0, 1, Math.Max(0, places.NumberOfElements - 1)).ne(sorted.narrow(0, 0, Math.Max(0, places.NumberOfElements - 1)))], 0);
        var groups = starts.type(ScalarType.Int64).cumsum(0) - 1;
        var firsts = starts.nonzero().flatten();
        return (order, numbers - firsts.index_select(0, groups));
    }
}
