using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Snapshots;

/// <summary>The network at one epoch.</summary>
/// <param name="Epoch">The epoch, each once; 0 is the network before training.</param>
/// <param name="Model">Id of the model.</param>
public sealed record SnapshotSpec(int Epoch, string Model)
{
    private const int MostSnapshots = 1000;

    /// <summary>Reads the field <c>snapshots</c>; null where it is absent or wrong.</summary>
    internal static SnapshotSpec[]? ReadAll(SpecValue? value)
    {
        if (value?.AsList() is not { } items)
        {
            return null;
        }

        if (items.Count > MostSnapshots)
        {
            value.Value.Fault($"{items.Count} snapshots: at most {MostSnapshots}");
            return null;
        }

        var epochs = new Dictionary<long, int>();
        var snapshots = new List<SnapshotSpec>();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].AsObject() is not { } fields)
            {
                continue;
            }

            var epoch = fields.Require("epoch")?.AsInteger(0, int.MaxValue);
            var model = fields.Require("model")?.AsText();
            fields.RejectUnknown();
            if (epoch is { } e && !epochs.TryAdd(e, i))
            {
                fields.Fault("epoch", $"epoch {e} is already given by snapshots[{epochs[e]}]");
            }

            snapshots.Add(new SnapshotSpec((int)(epoch ?? 0), model ?? string.Empty));
        }

        return [.. snapshots];
    }
}
