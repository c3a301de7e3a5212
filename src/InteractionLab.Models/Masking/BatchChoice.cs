using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Masking;

/// <summary>Decides how many rows a network is run on at once.</summary>
internal static class BatchChoice
{
    // Rounding differs between batch sizes in the last bits of a float; anything larger is another function.
    private const double RelaxedTolerance = 1e-5;
    private const double DeclaredTolerance = 1e-4;

    /// <summary>
    /// Opens the network as it is where it takes batches, relaxed where that gives the same rows, else row by row.
    /// <see cref="NetworkGraph.FixedBatch"/> of the result is null exactly where batches were seen to work.
    /// </summary>
    public static (NetworkGraph Network, PlainNetwork Plain) Open(NetworkGraph network, Placement placement, List<string> notes)
    {
        var cells = checked((int)network.SampleShape.Aggregate(1L, (product, size) => checked(product * size)));
        var original = PlainNetwork.Open(network, placement);
        try
        {
            if (network.FixedBatch is null && BatchProbe.Agrees(original, original, cells, DeclaredTolerance))
            {
                return (network, original);
            }

            var size = network.FixedBatch ?? 1;
            if (TryRelax(network, placement) is { } relaxed)
            {
                if (BatchProbe.Agrees(relaxed.Plain, original, cells, RelaxedTolerance))
                {
                    notes.Add($"The graph is written for a batch of {size}; its batch dimension was freed, checked on random inputs against the original.");
                    original.Dispose();
                    return relaxed;
                }

                relaxed.Plain.Dispose();
            }

            notes.Add(size == 1
                ? "The rows of a batch cannot be computed independently by this graph, so it runs one row at a time."
                : $"The graph is written for a batch of {size} that cannot be changed, so it runs {size} rows at a time.");
            return (network with { FixedBatch = size }, original);
        }
        catch
        {
            original.Dispose();
            throw;
        }
    }

    /// <summary>Rows of a run where nobody says and nothing is measured: 32 at once on the CPU, but no fewer than 4 in a run.</summary>
    public static int Default(Placement placement) => placement.Device == DeviceKind.Cuda ? 512 : Math.Max(4, 32 / placement.Lanes);

    private static (NetworkGraph Network, PlainNetwork Plain)? TryRelax(NetworkGraph network, Placement placement)
    {
        try
        {
            var relaxed = BatchRelaxation.Relax(network);
            return (relaxed, PlainNetwork.Open(relaxed, placement));
        }
        catch (ModelRejectedException)
        {
            return null;
        }
    }
}
