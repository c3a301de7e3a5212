namespace InteractionLab.Experiments.Networks;

/// <summary>
/// The forward passes of one cell. What an earlier attempt at the same cell of the same job computed counts as made, not as
/// saved: so a resumed job says the same as an uninterrupted one.
/// </summary>
/// <param name="origin">Names the job and the cell (<see cref="GameSource.OriginOf"/>).</param>
internal sealed class CellPasses(string origin)
{
    /// <summary>The job and the cell.</summary>
    public string Origin => origin;

    /// <summary>Rows that this job ran.</summary>
    public long Made { get; private set; }

    /// <summary>Rows whose outputs something else had left in the cache.</summary>
    public long Saved { get; private set; }

    /// <summary>Takes in rows that <paramref name="maker"/> ran.</summary>
    public void Count(long rows, string maker)
    {
        if (maker == origin)
        {
            Made += rows;
        }
        else
        {
            Saved += rows;
        }
    }

    /// <summary>Takes in what was counted elsewhere for this cell.</summary>
    public void Add(CellPasses other) => (Made, Saved) = (Made + other.Made, Saved + other.Saved);
}
