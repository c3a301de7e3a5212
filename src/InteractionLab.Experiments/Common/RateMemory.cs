using System.Collections.Concurrent;

namespace InteractionLab.Experiments.Common;

/// <summary>
/// How long units of work took on this machine, by what they were; kept for the life of the process and only used to
/// estimate. Newer measurements weigh more. Safe for several threads.
/// </summary>
internal sealed class RateMemory
{
    private const double Weight = 0.2;
    private const int MostKeys = 1000;
    private readonly ConcurrentDictionary<string, double> _seconds = new(StringComparer.Ordinal);

    /// <summary>Notes that <paramref name="units"/> of a kind of work took <paramref name="elapsed"/>.</summary>
    public void Record(string key, double units, TimeSpan elapsed)
    {
        if (units > 0 && (_seconds.Count < MostKeys || _seconds.ContainsKey(key)))
        {
            var measured = elapsed.TotalSeconds / units;
            _seconds.AddOrUpdate(key, measured, (_, known) => known + (Weight * (measured - known)));
        }
    }

    /// <summary>Seconds a unit, or null where none was measured.</summary>
    public double? SecondsPerUnit(string key) => _seconds.TryGetValue(key, out var seconds) ? seconds : null;
}
