namespace InteractionLab.Server.Jobs;

/// <summary>How long a job may still take, from what one attempt has done.</summary>
internal static class TimeLeft
{
    // A cell that takes longer than those before it is expected to go on for a while: this share of one.
    private const double Overdue = 0.1;
    private const double Least = 0.1;

    /// <summary>A share from which on too little is left of a cell for its speed to be known.</summary>
    public const double LateShare = 0.5;

    /// <summary>
    /// Seconds to the end. Finished cells decide once there are any; before, the share of the first one, which
    /// measures its forward passes only and is 1 while the solver runs.
    /// </summary>
    /// <param name="past">Seconds from the clock's start to the end of the last cell that this attempt finished; 0 before there is one.</param>
    /// <param name="current">Seconds since then.</param>
    /// <param name="finished">Cells this attempt has finished.</param>
    /// <param name="before">The share of the first cell that was done when the clock was started, below 1.</param>
    /// <param name="left">Cells that are not finished, the current one among them.</param>
    /// <param name="share">The share of the current cell that is done, 0 to 1.</param>
    /// <returns>Null where nothing is known; 0 only when no cell is left.</returns>
    public static double? Expect(double past, double current, int finished, double before, int left, double share)
    {
        if (left <= 0)
        {
            return 0;
        }

        if (finished == 0)
        {
            return share > before && share < 1 ? Positive((past + current) / (share - before) * (left - share)) : null;
        }

        var cell = past / (finished - before);
        return Positive(cell * (left - 1) + Math.Max(cell - current, Overdue * cell));
    }

    private static double Positive(double seconds) => Math.Max(Least, Math.Round(seconds, 1));
}
