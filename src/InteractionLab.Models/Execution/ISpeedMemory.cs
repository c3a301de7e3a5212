using System.Collections.Concurrent;

namespace InteractionLab.Models.Execution;

/// <summary>How fast a network ran on a device.</summary>
/// <param name="Rows">Rows of a run at which it was fastest; at least 1. Later runs of the network use it.</param>
/// <param name="SecondsPerRow">Seconds a row took at that size, when the size was chosen.</param>
/// <param name="Lowered">Whether memory ran out at a larger size that had been chosen before.</param>
public sealed record SpeedMeasurement(int Rows, double SecondsPerRow, bool Lowered = false);

/// <summary>
/// Measured batch sizes by <see cref="SpeedKey"/>. What is kept stays until a run that found no memory lowers it: rounding
/// depends on the rows of a run in the last bits, so nothing is measured a second time by itself. Safe for several threads.
/// Neither method throws for a fault of the disk.
/// </summary>
public interface ISpeedMemory
{
    /// <summary>The measurement kept under a key, or null.</summary>
    /// <param name="key">64 lower-case hexadecimal digits.</param>
    SpeedMeasurement? Find(string key);

    /// <summary>Keeps a measurement; what was there is replaced.</summary>
    /// <param name="key">64 lower-case hexadecimal digits.</param>
    /// <param name="measurement">What was measured, or lowered for want of memory.</param>
    void Keep(string key, SpeedMeasurement measurement);
}

/// <summary>Measurements for the life of the object.</summary>
public sealed class SpeedMemory : ISpeedMemory
{
    private readonly ConcurrentDictionary<string, SpeedMeasurement> kept = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public SpeedMeasurement? Find(string key) => kept.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Keep(string key, SpeedMeasurement measurement) => kept[key] = measurement;
}
