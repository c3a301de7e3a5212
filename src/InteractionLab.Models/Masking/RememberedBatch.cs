using InteractionLab.Models.Execution;

namespace InteractionLab.Models.Masking;

/// <summary>Where one network's measured batch size is kept.</summary>
internal sealed class RememberedBatch(ISpeedMemory memory, string key)
{
    /// <summary>What is kept; null where nothing is.</summary>
    public SpeedMeasurement? Known => memory.Find(key) is { Rows: > 0 } known ? known : null;

    /// <summary>Keeps a measurement.</summary>
    public void Keep(SpeedMeasurement measured) => memory.Keep(key, measured);

    /// <summary>Notes that more rows than these found no memory.</summary>
    public void Lower(int rows)
    {
        if (Known is { } known)
        {
            memory.Keep(key, known with { Rows = rows, Lowered = true });
        }
    }
}
