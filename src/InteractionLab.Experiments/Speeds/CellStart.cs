namespace InteractionLab.Experiments.Speeds;

/// <summary>Runs the first part of a cell off the caller's thread.</summary>
internal static class CellStart
{
    /// <summary>Starts it; the task it gives is the cell's rest, not awaited (as the pool's own <c>Run</c> would).</summary>
    public static Task<Task<CellPayload>> Run(Func<Task<CellPayload>> begin, CancellationToken cancellation) =>
        Task.Factory.StartNew(begin, cancellation, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
