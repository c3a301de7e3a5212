using InteractionLab.Models.Datasets;

namespace InteractionLab.Server.Datasets;

/// <summary>
/// Opened datasets, shared by everybody who reads them. The cache owns them; a caller holds a lease and disposes that.
/// Up to <see cref="Idle"/> datasets stay open with no lease.
/// </summary>
internal sealed class DatasetCache : IDisposable
{
    private const int Idle = 4;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private long _clock;

    /// <summary>A lease on the dataset in a folder.</summary>
    public IDataset Lease(string id, string folder)
    {
        Entry entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(id, out entry!))
            {
                _entries[id] = entry = new Entry(new Lazy<IDataset>(() => DatasetReader.Open(folder)));
            }

            entry.Leases++;
            entry.LastUsed = ++_clock;
        }

        try
        {
            return new Leased(entry.Dataset.Value, () => Return(entry));
        }
        catch
        {
            // A dataset that could not be opened is not remembered as such.
            Forget(id);
            throw;
        }
    }

    /// <summary>Closes a dataset that was deleted as soon as the last lease is returned.</summary>
    public void Forget(string id)
    {
        lock (_lock)
        {
            if (_entries.Remove(id, out var entry))
            {
                entry.Forgotten = true;
                CloseIfUnused(entry);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Values.Where(e => e.Dataset.IsValueCreated))
            {
                entry.Dataset.Value.Dispose();
            }

            _entries.Clear();
        }
    }

    private void Return(Entry entry)
    {
        lock (_lock)
        {
            entry.Leases--;
            CloseIfUnused(entry);
            var idle = _entries.Where(e => e.Value.Leases == 0).OrderByDescending(e => e.Value.LastUsed).Skip(Idle).ToList();
            foreach (var (id, old) in idle)
            {
                _entries.Remove(id);
                old.Forgotten = true;
                CloseIfUnused(old);
            }
        }
    }

    private static void CloseIfUnused(Entry entry)
    {
        if (entry is { Forgotten: true, Leases: 0, Dataset.IsValueCreated: true })
        {
            entry.Dataset.Value.Dispose();
        }
    }

    private sealed class Entry(Lazy<IDataset> dataset)
    {
        public Lazy<IDataset> Dataset { get; } = dataset;

        public int Leases { get; set; }

        public long LastUsed { get; set; }

        public bool Forgotten { get; set; }
    }

    private sealed class Leased(IDataset inner, Action release) : IDataset
    {
        private Action? _release = release;

        public DatasetSummary Summary => inner.Summary;

        public IReadOnlyList<int>? Labels => inner.Labels;

        public IReadOnlyList<string>? Words => inner.Words;

        public float[] Mean => inner.Mean;

        public Sample Get(int index) => inner.Get(index);

        public byte[]? Png(int index) => inner.Png(index);

        public double[] Game(int index) => inner.Game(index);

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
