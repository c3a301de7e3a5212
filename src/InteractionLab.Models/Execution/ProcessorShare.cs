namespace InteractionLab.Models.Execution;

/// <summary>
/// How this machine's processors are shared: the one place that decides how many threads a network runs on. A job gets an
/// equal part of them, rounded down, so that jobs beside each other do not take turns on the same ones; solvers run on
/// their job's own thread. A process has one share, which the server sets before anything runs.
/// </summary>
public static class ProcessorShare
{
    private static int parallelJobs = 1;

    /// <summary>Processors this process may use: what the machine has, less what its affinity or cgroup withholds.</summary>
    public static int Processors => Environment.ProcessorCount;

    /// <summary>Jobs that run beside each other; 1 unless the server says otherwise.</summary>
    public static int ParallelJobs => Volatile.Read(ref parallelJobs);

    /// <summary>Threads of one job's network: runs side by side in ONNX Runtime, or those of one run there and in libtorch; at least 1.</summary>
    public static int Threads => ThreadsOf(Processors, ParallelJobs);

    /// <summary>Shares the processors among jobs. Networks opened before keep the threads they have.</summary>
    /// <param name="jobs">Jobs that may run at once; at least 1.</param>
    public static void Divide(int jobs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(jobs, 1);
        Volatile.Write(ref parallelJobs, jobs);
    }

    /// <summary>The part of one job.</summary>
    public static int ThreadsOf(int processors, int jobs) => Math.Max(1, processors / jobs);
}
