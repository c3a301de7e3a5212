namespace InteractionLab.Experiments;

/// <summary>
/// A job cannot go on for a reason that only running it could show (the network gives NaN, the graph cannot be masked).
/// The message is meant for the person who queued it; the job fails with it.
/// </summary>
public sealed class ExperimentException(string message, Exception? inner = null) : Exception(message, inner);
