using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments;

/// <summary>Where a rate comes from, the more trustworthy the later.</summary>
public enum RateSource
{
    /// <summary>A short measurement for an estimate while jobs ran: it counts only until a better one is had.</summary>
    Disturbed,

    /// <summary>A short measurement for an estimate.</summary>
    Calibrated,

    /// <summary>The work of jobs.</summary>
    Worked,
}

/// <summary>How long a unit of some work takes on this machine.</summary>
/// <param name="SecondsPerUnit">Seconds, at least 0 and finite.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Rows">The rows of a run that were chosen with it, where the work is rows of a network whose batch size was measured; else null.</param>
/// <param name="Lowered">Whether those rows were lowered for want of memory.</param>
public sealed record Rate(double SecondsPerUnit, RateSource Source, int? Rows = null, bool Lowered = false);

/// <summary>
/// What work took on this machine, by what it was: kept for estimates and for choices that measurements decide. Newer
/// measurements weigh more. Losing it costs nothing but measuring again. Safe for several threads.
/// </summary>
public sealed class RateMemory : ISpeedMemory
{
    /// <summary>The most rates that are kept; of more, the one used longest ago goes.</summary>
    public const int MostKeys = 2000;

    // Chosen batch sizes are kept beside the rates, under names of their own.
    private const string BatchPrefix = "batch ";

    // What one piece of a job's work counts against all before it.
    private const double Weight = 0.2;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _uses;

    /// <summary>Rises with every change.</summary>
    public long Version { get; private set; }

    /// <summary>Notes that a job's work of <paramref name="units"/> took <paramref name="elapsed"/>. A calibrated rate is replaced by the first.</summary>
    public void Record(string key, double units, TimeSpan elapsed)
    {
        if (!(units > 0))
        {
            return;
        }

        lock (_gate)
        {
            var measured = elapsed.TotalSeconds / units;
            var known = _entries.TryGetValue(key, out var entry) ? entry.Rate : null;
            var seconds = known?.Source == RateSource.Worked ? known.SecondsPerUnit + (Weight * (measured - known.SecondsPerUnit)) : measured;
            Put(key, new Rate(seconds, RateSource.Worked));
        }
    }

    /// <summary>Keeps a rate that was measured for its own sake; one from a more trustworthy source stays.</summary>
    public void Keep(string key, Rate rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        lock (_gate)
        {
            if (double.IsFinite(rate.SecondsPerUnit) && rate.SecondsPerUnit >= 0 && (!_entries.TryGetValue(key, out var known) || known.Rate.Source <= rate.Source))
            {
                Put(key, rate);
            }
        }
    }

    /// <summary>What is known of a kind of work, or null.</summary>
    public Rate? Find(string key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                return null;
            }

            _entries[key] = entry with { Used = ++_uses };
            return entry.Rate;
        }
    }

    /// <summary>Everything, the one used longest ago first.</summary>
    public IReadOnlyList<KeyValuePair<string, Rate>> Snapshot()
    {
        lock (_gate)
        {
            return [.. _entries.OrderBy(entry => entry.Value.Used).Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Rate))];
        }
    }

    /// <inheritdoc/>
    SpeedMeasurement? ISpeedMemory.Find(string key) =>
        Find(BatchPrefix + key) is { Rows: { } rows } rate ? new SpeedMeasurement(rows, rate.SecondsPerUnit, rate.Lowered) : null;

    /// <inheritdoc/>
    void ISpeedMemory.Keep(string key, SpeedMeasurement measurement)
    {
        ArgumentNullException.ThrowIfNull(measurement);
        lock (_gate)
        {
            Put(BatchPrefix + key, new Rate(measurement.SecondsPerRow, RateSource.Worked, measurement.Rows, measurement.Lowered));
        }
    }

    private void Put(string key, Rate rate)
    {
        _entries[key] = new Entry(rate, ++_uses);
        Version++;
        if (_entries.Count > MostKeys)
        {
            _entries.Remove(_entries.MinBy(entry => entry.Value.Used).Key);
        }
    }

    private sealed record Entry(Rate Rate, long Used);
}
