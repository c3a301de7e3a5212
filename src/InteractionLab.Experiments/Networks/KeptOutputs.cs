using InteractionLab.Experiments.Cells;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// Outputs as the cache keeps them: a <see cref="CellFile"/> (little-endian doubles and a checksum) that also says which
/// cell computed them and what there was to say of it. An entry that is damaged or of another length counts as missing.
/// </summary>
internal static class KeptOutputs
{
    private const string Values = "values";

    /// <summary>What a job left under a key, or null.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="key">The name of the outputs.</param>
    /// <param name="length">How many there must be; null where only running the network could tell.</param>
    public static (string Origin, IReadOnlyList<string> Notes, double[] Outputs)? Find(IValueCache cache, string key, int? length)
    {
        if (cache.Find(key) is not { } bytes)
        {
            return null;
        }

        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            var (content, arrays) = CellFile.Read<Entry>(stream);
            return content is { Origin: not null, Notes: not null, Key: var own } && own == key
                && arrays.TryGetValue(Values, out var outputs) && outputs.Length > 0 && (length ?? outputs.Length) == outputs.Length
                ? (content.Origin, content.Notes, outputs)
                : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Leaves outputs for later.</summary>
    public static void Keep(IValueCache cache, string key, string origin, IReadOnlyList<string> notes, double[] outputs) =>
        cache.Keep(key, CellFile.Write(new Entry(key, origin, notes), (Values, outputs)));

    private sealed record Entry(string Key, string Origin, IReadOnlyList<string> Notes);
}
