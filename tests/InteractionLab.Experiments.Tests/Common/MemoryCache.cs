using System.Collections.Concurrent;

namespace InteractionLab.Experiments.Tests.Common;

/// <summary>Outputs kept in memory, which a test can lose or damage.</summary>
internal sealed class MemoryCache : IValueCache
{
    private readonly ConcurrentDictionary<string, byte[]> _entries = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Keys => [.. _entries.Keys];

    /// <summary>The bytes of an entry, to be changed in place.</summary>
    public byte[] this[string key] => _entries[key];

    public byte[]? Find(string key) => _entries.TryGetValue(key, out var bytes) ? [.. bytes] : null;

    public void Keep(string key, ReadOnlySpan<byte> bytes) => _entries[key] = bytes.ToArray();

    public void Clear() => _entries.Clear();
}
