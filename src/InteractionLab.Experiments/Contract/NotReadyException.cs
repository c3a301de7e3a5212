namespace InteractionLab.Experiments;

/// <summary>What a job waits for.</summary>
public enum JobWait
{
    /// <summary>A job that it names finishes a cell, or ends.</summary>
    Cell,

    /// <summary>A job that it names ends.</summary>
    End,
}

/// <summary>
/// A cell needs what another job (<see cref="IExperimentPlan.Jobs"/>, or a child) has not made yet. No error: the job
/// leaves its place to others and is run again when that may have changed. The message says what it waits for.
/// </summary>
public sealed class NotReadyException(string message, JobWait until) : Exception(message)
{
    /// <summary>What must happen before it is worth another look.</summary>
    public JobWait Until { get; } = until;
}
