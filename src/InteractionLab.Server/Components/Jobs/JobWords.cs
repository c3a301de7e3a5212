using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Jobs;

/// <summary>How states of a job look and read.</summary>
internal static class JobWords
{
    public static readonly JobState[] States = [JobState.Running, JobState.Queued, JobState.Cancelling, JobState.Succeeded, JobState.Failed, JobState.Cancelled];

    public static string Of(JobState state) => JobStates.Format(state);

    public static string Icon(JobState state) => state switch
    {
        JobState.Queued => "schedule",
        JobState.Running => "play_circle",
        JobState.Cancelling => "hourglass_bottom",
        JobState.Cancelled => "do_not_disturb_on",
        JobState.Succeeded => "check_circle",
        _ => "error",
    };

    public static string Tone(JobState state) => state switch
    {
        JobState.Succeeded => "success",
        JobState.Failed => "danger",
        JobState.Running => "info",
        JobState.Cancelling => "warning",
        _ => "muted",
    };

    /// <summary>Share done, 0..1.</summary>
    public static double Share(JobView job) => job.State is JobState.Succeeded ? 1 : job.Progress.Total > 0 ? (double)job.Progress.Done / job.Progress.Total : 0;

    /// <summary>How long the last attempt took or has taken.</summary>
    public static double? Duration(JobView job, DateTimeOffset now) => job.StartedAt is { } from ? ((job.FinishedAt ?? now) - from).TotalSeconds : null;
}
