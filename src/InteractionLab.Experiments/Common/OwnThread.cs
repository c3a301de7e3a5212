namespace InteractionLab.Experiments.Common;

/// <summary>Work on a thread of its own, which the threads of the pool, that requests wait for, are too few for.</summary>
internal static class OwnThread
{
    /// <summary>Starts it.</summary>
    public static Task<T> Run<T>(Func<T> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
