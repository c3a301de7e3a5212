using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Server.Api;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace InteractionLab.Server.Jobs;

/// <summary>A job to be queued or estimated.</summary>
internal sealed record JobRequest
{
    private static readonly string[] NotKnown = ["is not a known field of the request, which has kind, name and spec"];
    private static readonly string[] Twice = ["is given twice"];
    private readonly List<string> _given = [];

    /// <summary>Kind of experiment; see /api/v1/system.</summary>
    public string? Kind { get; init => field = Given(value, "kind"); }

    /// <summary>Display name; the kind's title where it is absent.</summary>
    public string? Name { get; init => field = Given(value, "name"); }

    /// <summary>What to compute: the schema named after the kind, e.g. MaskedSamplesSpec.</summary>
    public JsonElement? Spec { get; init => field = Given(value, "spec"); }

    /// <summary>Fields that are none of these; kept to be named.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>Returns the request that was sent.</summary>
    /// <exception cref="InvalidInputException">There is none, it has a field that is not known, one that is given twice, or its spec is not text.</exception>
    public static JobRequest Check(JobRequest? request)
    {
        if (request is null)
        {
            throw new InvalidInputException("body", "must be a JSON object with 'kind' and 'spec', and may have 'name'");
        }

        if (request.Unknown is { Count: > 0 } unknown)
        {
            throw new InvalidInputException(unknown.Keys.ToDictionary(k => k, _ => NotKnown));
        }

        if (request._given.GroupBy(name => name).Where(group => group.Count() > 1).ToArray() is { Length: > 0 } twice)
        {
            throw new InvalidInputException(twice.ToDictionary(group => group.Key, _ => Twice));
        }

        return new JobRequest { Kind = request.Kind, Name = request.Name, Spec = JsonText.Check(request.Spec ?? default, "spec") };
    }

    // A reader of JSON sets a property as often as it is given and keeps the last: that it came twice shows here alone.
    private T Given<T>(T value, string name)
    {
        _given.Add(name);
        return value;
    }
}

/// <summary>The calls on jobs.</summary>
internal static class JobsApi
{
    public static IEndpointRouteBuilder MapJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapPost("", SubmitAsync).WithSummary("Queue a job. With an Idempotency-Key the same request again gives the same job, another request 409.").OnlyQuery().Problems(400, 409, 413, 415, 503, 507);
        jobs.MapPost("/estimate", EstimateAsync).WithSummary("What a job would cost; nothing is queued.").OnlyQuery().Problems(400, 409, 413, 415);
        jobs.MapGet("", ListAsync).WithSummary("Jobs, newest first and without their specs; with parent only those that belong to that job.").OnlyQuery("state", "kind", "parent", "take", "after").Problems(400);
        jobs.MapGet("/{id}", FindAsync).WithSummary("One job with its progress.").OnlyQuery().Problems(404);
        jobs.MapPost("/{id}/cancel", CancelAsync).WithSummary("Stop a queued or running job.").OnlyQuery().Problems(404, 409);
        jobs.MapPost("/{id}/retry", RetryAsync).WithSummary("Queue a failed or cancelled job again; its finished cells are kept.").OnlyQuery().Problems(404, 409);
        jobs.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a finished job with its results.").OnlyQuery().Problems(404, 409);
        jobs.MapGet("/{id}/events", JobEventStream.StreamAsync).WithSummary("Server-sent events: 'state' (a job), 'progress', 'cell' (a finished cell). The id of an event is the number of cells seen; Last-Event-ID continues after it. The stream ends with the job.")
            .OnlyQuery().Produces<string>(StatusCodes.Status200OK, "text/event-stream").Problems(400, 404);
        jobs.MapResults();
        return api;
    }

    private static async Task<Accepted<JobView>> SubmitAsync(JobRequest? body, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, JobService jobs, CancellationToken cancellation)
    {
        var request = JobRequest.Check(body);
        var (job, _) = await jobs.SubmitAsync(request.Kind, request.Name, request.Spec!.Value, idempotencyKey, cancellation);
        return TypedResults.Accepted($"/api/v1/jobs/{job.Id}", job);
    }

    private static async Task<Ok<EstimateView>> EstimateAsync(JobRequest? body, JobService jobs, CancellationToken cancellation)
    {
        var request = JobRequest.Check(body);
        return TypedResults.Ok(await jobs.EstimateAsync(request.Kind, request.Spec!.Value, cancellation));
    }

    private static async Task<Ok<Page<JobEntry>>> ListAsync(JobService jobs, ExperimentRegistry experiments, string? state, string? kind, string? parent, string? take, string? after, CancellationToken cancellation) =>
        TypedResults.Ok(await jobs.ListAsync(new(State(state), kind is null ? null : experiments.Get(kind).Kind, QueryRules.Take(take), after, parent), cancellation));

    private static async Task<Ok<JobView>> FindAsync(string id, JobService jobs, CancellationToken cancellation) =>
        TypedResults.Ok(await jobs.FindAsync(id, cancellation));

    private static async Task<Ok<JobView>> CancelAsync(string id, JobService jobs, CancellationToken cancellation) =>
        TypedResults.Ok(await jobs.CancelAsync(id, cancellation));

    private static async Task<Ok<JobView>> RetryAsync(string id, JobService jobs, CancellationToken cancellation) =>
        TypedResults.Ok(await jobs.RetryAsync(id, cancellation));

    private static async Task<NoContent> DeleteAsync(string id, JobService jobs, CancellationToken cancellation)
    {
        await jobs.DeleteAsync(id, cancellation);
        return TypedResults.NoContent();
    }

    private static JobState? State(string? text) => text is null ? null
        : JobStates.TryParse(text) ?? throw new InvalidInputException("state", $"must be one of {string.Join(", ", Enum.GetValues<JobState>().Select(JobStates.Format))}");
}
