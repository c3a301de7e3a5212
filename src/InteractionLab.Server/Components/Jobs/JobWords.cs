using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Jobs;

/// <summary>How states of a job look and read.</summary>
internal static class JobWords
{
    public static readonly JobState[] States = [JobState.Running, JobState.Queued, JobState.Cancelling, JobState.Succeeded, JobState.Failed, JobState.Cancelled];

    public static string Of(JobState state) => JobStates.Format(state);

    /// <summary>The state as a page says it: a job that has started and gave up its place until another has ended is no longer queued to its reader.</summary>
    public static string Of(JobEntry job) => IsWaiting(job) ? "waiting" : Of(job.State);

    /// <summary>Whether a job waits for another and not for its turn.</summary>
    public static bool IsWaiting(JobEntry job) => job.State is JobState.Queued && job.Waits is not null;

    /// <summary>How far a job is: 12 of 30 epochs.</summary>
    public static string Progress(JobEntry job) => Progress(job.Progress.Done, job.Progress.Total, job.Progress.Unit);

    /// <summary>So many of so many parts.</summary>
    public static string Progress(int done, int total, string unit) => $"{Text.Count(done)} of {Text.Count(total)} {unit}";

    /// <summary>A number of parts: 1 epoch, 30 epochs.</summary>
    public static string Parts(int parts, string unit) => Text.CountOf(parts, unit);

    public static string Icon(JobEntry job) => IsWaiting(job) ? "hourglass_top" : Icon(job.State);

    public static string Icon(JobState state) => state switch
    {
        JobState.Queued => "schedule",
        JobState.Running => "play_circle",
        JobState.Cancelling => "hourglass_bottom",
        JobState.Cancelled => "do_not_disturb_on",
        JobState.Succeeded => "check_circle",
        _ => "error",
    };

    public static string Tone(JobEntry job) => IsWaiting(job) ? "info" : Tone(job.State);

    public static string Tone(JobState state) => state switch
    {
        JobState.Succeeded => "success",
        JobState.Failed => "danger",
        JobState.Running => "info",
        JobState.Cancelling => "warning",
        _ => "muted",
    };

    /// <summary>Share done, 0..1.</summary>
    public static double Share(JobEntry job) => job.State is JobState.Succeeded ? 1 : job.Progress.Total > 0 ? (double)job.Progress.Done / job.Progress.Total : 0;

    /// <summary>How long the last attempt took or has taken.</summary>
    public static double? Duration(JobEntry job, DateTimeOffset now) => job.StartedAt is { } from ? ((job.FinishedAt ?? now) - from).TotalSeconds : null;
}
