namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Counts parameters while units are removed one after the other.</summary>
internal sealed class ParameterTally
{
    private readonly ChannelGraph graph;
    private readonly bool[][] gone;
    private readonly Dictionary<string, long[]> sizes;
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);

    public ParameterTally(ChannelGraph graph)
    {
        this.graph = graph;
        gone = [.. graph.Stored.Select(stored => new bool[stored.Sets.Length])];
        sizes = graph.Stored.Select(stored => stored.Tensor).Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, name => graph.Constants.Weights(name)!.Dims.ToArray(), StringComparer.Ordinal);
        foreach (var (name, dims) in sizes)
        {
            counts[name] = Product(dims);
        }
    }

    /// <summary>Parameters removed so far.</summary>
    public long Removed { get; private set; }

    public void Remove(Unit unit)
    {
        foreach (var (stored, indices) in unit.Slices)
        {
            var (name, axis, _) = graph.Stored[stored];
            foreach (var index in indices.Where(index => !gone[stored][index]))
            {
                gone[stored][index] = true;
                sizes[name][axis]--;
            }

            var left = Product(sizes[name]);
            Removed += counts[name] - left;
            counts[name] = left;
        }
    }

    private static long Product(long[] sizes) => sizes.Aggregate(1L, (product, size) => product * size);
}
