using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Speeds;

/// <summary>
/// Where decompositions run beside networks: on at most as many threads as there are processors, whatever the number of jobs.
/// </summary>
internal static class SolverThreads
{
    private static readonly TaskScheduler Scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, ProcessorShare.Processors).ConcurrentScheduler;

    /// <summary>Starts a computation.</summary>
    public static Task<T> Run<T>(Func<T> compute, CancellationToken cancellation) =>
        Task.Factory.StartNew(compute, cancellation, TaskCreationOptions.DenyChildAttach, Scheduler);
}
