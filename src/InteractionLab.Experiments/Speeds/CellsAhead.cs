using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Speeds;

/// <summary>
/// How many cells of a network's games are begun beyond the oldest that is not done (<see cref="IPipelinedRun.Ahead"/>): as
/// many as a job has threads, since a small network plays games faster than one thread decomposes them.
/// </summary>
internal static class CellsAhead
{
    // One cell is solved and stored while the network plays the next, and one stands ready behind that.
    private const int Least = 2;

    // Numbers v of all games begun, whose tables and solvers are what their memory goes to.
    private const int MostNumbers = 1 << 20;

    /// <summary>The number for cells of some games of so many players.</summary>
    public static int Of(int players, int games = 1) => Math.Max(Least, Math.Min(ProcessorShare.Threads, (MostNumbers >> players) / games));
}
