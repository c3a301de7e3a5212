using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Experiments;
using InteractionLab.Server.Store;

namespace InteractionLab.Server.Jobs;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>Waits for its turn.</summary>
    Queued,

    /// <summary>Computes.</summary>
    Running,

    /// <summary>Was asked to stop and has not stopped yet.</summary>
    Cancelling,

    /// <summary>Stopped on request; can be retried.</summary>
    Cancelled,

    /// <summary>Finished; its result is there.</summary>
    Succeeded,

    /// <summary>Stopped by an error; can be retried.</summary>
    Failed,
}

/// <summary>How far a job is.</summary>
/// <param name="Done">How many are finished.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Unit">Of what: samples, epochs.</param>
/// <param name="Message">One line on the last thing that happened.</param>
/// <param name="SecondsLeft">Expected seconds to the end, from the cells of this attempt; null where not known.</param>
public sealed record ProgressView(int Done, int Total, string Unit, string? Message, double? SecondsLeft)
{
    /// <summary>Of a job of which so many cells are finished.</summary>
    internal static ProgressView Of(JobRow row, int cells) => new(Math.Max(0, cells - row.Uncounted), row.Total - row.Uncounted, row.Unit, row.Message, row.SecondsLeft);
}

/// <summary>A job as lists show it: without its spec, which may be long.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Kind of experiment.</param>
/// <param name="Name">Display name.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Error">Why it failed; null unless it did.</param>
/// <param name="CreatedAt">When it was queued first.</param>
/// <param name="StartedAt">When the last attempt started.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Attempts">How often it was started.</param>
/// <param name="Parent">Id of the job that it belongs to; null for most.</param>
/// <param name="Role">What it is to its parent, e.g. <c>baseline-1</c>; null where there is none.</param>
/// <param name="Waits">What a queued job that gave up its place waits for of the jobs it needs: their next cell, or the end of one; null of a job that waits for its turn, and of every other.</param>
public record JobEntry(
    [property: JsonPropertyOrder(-1)] string Id,
    [property: JsonPropertyOrder(-1)] string Kind,
    [property: JsonPropertyOrder(-1)] string Name,
    [property: JsonPropertyOrder(-1)] JobState State,
    [property: JsonPropertyOrder(-1)] ProgressView Progress,
    string? Error, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, int Attempts, string? Parent = null, string? Role = null, JobWait? Waits = null)
{
    /// <summary>Whether nothing more will happen to it by itself.</summary>
    internal bool IsFinished => State is JobState.Cancelled or JobState.Succeeded or JobState.Failed;

    /// <summary>Its finished cells, also those that progress does not count.</summary>
    internal int Cells { get; init; }

    /// <summary>The row may lack its spec.</summary>
    internal static JobEntry Of(JobRow row) => new(
        row.Id,
        row.Kind,
        row.Name,
        JobStates.Parse(row.State),
        ProgressView.Of(row, row.Done),
        row.Error,
        row.CreatedAt,
        row.StartedAt,
        row.FinishedAt,
        row.Attempts,
        row.Parent,
        row.Role,
        JobStates.ParseWait(row.Waits))
    {
        Cells = row.Done,
    };
}

/// <summary>A job, as the API and the dashboard show it.</summary>
public sealed record JobView : JobEntry
{
    private JobView(JobEntry entry, JsonElement spec)
        : base(entry) => Spec = spec;

    /// <summary>What it computes, defaults filled in.</summary>
    public JsonElement Spec { get; }

    internal static JobView From(JobRow row) => new(Of(row), JsonSerializer.Deserialize<JsonElement>(row.Spec, LabJson.Options));
}

/// <summary>A finished cell.</summary>
/// <param name="Sequence">1, 2, ... in the order in which the job's cells were committed.</param>
/// <param name="Index">Position in the plan.</param>
/// <param name="Key">The plan's key.</param>
/// <param name="Message">One line about it.</param>
/// <param name="FinishedAt">When it was committed.</param>
public sealed record CellView(int Sequence, int Index, string Key, string? Message, DateTimeOffset FinishedAt);

/// <summary>Which jobs are asked for.</summary>
public sealed record JobQuery(JobState? State = null, string? Kind = null, int? Take = null, string? After = null, string? Parent = null);

/// <summary>What a job will cost.</summary>
/// <param name="ForwardPasses">Rows of network input evaluated.</param>
/// <param name="Bytes">Bytes kept on disk at the end.</param>
/// <param name="Seconds">Wall-clock seconds when nothing else runs, null where not known.</param>
/// <param name="Cells">Number of units of work.</param>
/// <param name="Unit">What one is.</param>
/// <param name="Basis">How the seconds are known: measured for this estimate, remembered from such work before, or unknown.</param>
/// <param name="SavedPasses">Those of the forward passes whose outputs are in the cache already; null where that was not looked for.</param>
/// <param name="Note">What to know of the estimate, or null.</param>
/// <param name="HeadPasses">Rows through the part of networks before a cut, on top of the forward passes, which are rows through the part behind it; 0 without a cut.</param>
public sealed record EstimateView(long ForwardPasses, long Bytes, double? Seconds, int Cells, string Unit, EstimateBasis Basis, long? SavedPasses, string? Note, long HeadPasses);

/// <summary>A result as JSON.</summary>
/// <param name="Json">UTF-8.</param>
/// <param name="Partial">Whether cells are missing.</param>
/// <param name="Done">Cells it rests on.</param>
/// <param name="Total">Cells of the job.</param>
public sealed record JobResult(ReadOnlyMemory<byte> Json, bool Partial, int Done, int Total);

/// <summary>A file of a result.</summary>
/// <param name="Name">File name.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="SizeBytes">Length.</param>
/// <param name="Sha256">SHA-256 of the bytes.</param>
public sealed record ArtifactView(string Name, string ContentType, long SizeBytes, string Sha256);
