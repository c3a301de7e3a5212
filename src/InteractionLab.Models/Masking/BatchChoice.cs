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

            var size = network.FixedBatch ?? Traced(network, original, cells);
            original.Fix(size);
            var traced = network with { FixedBatch = size };

            // Before it is freed: a graph that treats its rows differently has no one function to agree with.
            if (size > 1 && !BatchProbe.IsIndependent(original, size, cells, DeclaredTolerance))
            {
                throw new ModelRejectedException($"The graph is written for a batch of {size}, and what it gives for a sample depends on the other samples of the batch or on its place among them; the first dimension of {ModelValidator.Quote(network.Input)} may not be the batch. Export the model with an open batch dimension that comes first, for inference.");
            }

            foreach (var proposal in BatchRelaxation.Proposals(traced, declaredOpen: network.FixedBatch is null))
            {
                if (TryOpen(proposal, placement) is not { } relaxed)
                {
                    continue;
                }

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
            return (traced, original);
        }
        catch
        {
            original.Dispose();
            throw;
        }
    }

    /// <summary>Rows of a run where nobody says and nothing is measured: 32 at once on the CPU, but no fewer than 4 in a run.</summary>
    public static int Default(Placement placement) => placement.Device == DeviceKind.Cuda ? 512 : Math.Max(4, 32 / placement.Lanes);

    /// <summary>The rows that a graph takes whose input is declared open: one, or the first of the sizes that its constants suggest.</summary>
    /// <exception cref="ModelRejectedException">It runs with none of them.</exception>
    private static int Traced(NetworkGraph network, PlainNetwork original, int cells)
    {
        if (Refusal(1) is not { } refusal)
        {
            return 1;
        }

        var sizes = BatchRelaxation.Sizes(network);
        foreach (var size in sizes.Where(size => Refusal(size) is null))
        {
            return size;
        }

        throw sizes.Count == 0 ? refusal : new ModelRejectedException($"{refusal.Message} The graph takes any batch by its declaration, but runs neither with one row nor with the sizes that its constants suggest ({string.Join(", ", sizes)}); export it again with an open batch dimension.", refusal);

        ModelRejectedException? Refusal(int rows)
        {
            try
            {
                original.Rows(ProbeSamples.Draw(rows, cells, original.TakesTokens), rows);
                return null;
            }
            catch (ModelRejectedException fault)
            {
                return fault;
            }
        }
    }

    private static (NetworkGraph Network, PlainNetwork Plain)? TryOpen(NetworkGraph proposal, Placement placement)
    {
        try
        {
            return (proposal, PlainNetwork.Open(proposal, placement));
        }
        catch (ModelRejectedException)
        {
            return null;
        }
    }
}
