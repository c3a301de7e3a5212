using InteractionLab.Server.Api;
using InteractionLab.Server.Errors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace InteractionLab.Server.Jobs;

/// <summary>The artifacts of a job.</summary>
/// <param name="Items">Files to be fetched at .../artifacts/{name}.</param>
/// <param name="Tables">Names of tables to be fetched at .../tables/{name}.csv.</param>
internal sealed record ArtifactsView(IReadOnlyList<ArtifactView> Items, IReadOnlyList<string> Tables);

/// <summary>The calls on results.</summary>
internal static class ResultsApi
{
    private const string Immutable = "private, max-age=31536000, immutable";

    public static IEndpointRouteBuilder MapResults(this IEndpointRouteBuilder jobs)
    {
        jobs.MapGet("/{id}/result", ResultAsync).WithSummary("The result: the schema named after the kind, e.g. MaskedSamplesResult. 409 while there is none; ?partial=true gives what the finished cells support.")
            .OnlyQuery("partial").Produces<object>().Problems(400, 404, 409);
        jobs.MapGet("/{id}/tables/{file}", TableAsync).WithSummary("The numbers behind a chart as CSV: {name}.csv.")
            .OnlyQuery("partial").Produces<string>(StatusCodes.Status200OK, "text/csv").Problems(400, 404, 409);
        jobs.MapGet("/{id}/artifacts", ArtifactsAsync).WithSummary("The files a finished job left.").OnlyQuery().Problems(404, 409);
        jobs.MapGet("/{id}/artifacts/{name}", ArtifactAsync).WithSummary("One of these files.").OnlyQuery()
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").Problems(404, 409, 416);
        return jobs;
    }

    private static async Task<FileContentHttpResult> ResultAsync(string id, string? partial, ResultService results, HttpResponse response, CancellationToken cancellation)
    {
        var result = await results.ResultAsync(id, QueryRules.Flag("partial", partial), cancellation);
        // Says how much a partial result rests on, without touching the result's own schema.
        response.Headers["X-Cells"] = $"{result.Done}/{result.Total}";
        response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(result.Json, "application/json");
    }

    private static async Task<FileStreamHttpResult> TableAsync(string id, string file, string? partial, ResultService results, HttpResponse response, CancellationToken cancellation)
    {
        const string Extension = ".csv";
        if (!file.EndsWith(Extension, StringComparison.Ordinal))
        {
            throw new NotFoundException("table", file);
        }

        var (table, content) = await results.TableAsync(id, file[..^Extension.Length], QueryRules.Flag("partial", partial), cancellation);
        response.Headers.CacheControl = table is null ? "no-store" : Immutable;
        return TypedResults.File(content, "text/csv; charset=utf-8", entityTag: Tag(table), enableRangeProcessing: table is not null);
    }

    private static async Task<Ok<ArtifactsView>> ArtifactsAsync(string id, ResultService results, CancellationToken cancellation)
    {
        var (tables, artifacts) = await results.OutputAsync(id, partial: false, cancellation);
        return TypedResults.Ok(new ArtifactsView(artifacts, tables));
    }

    private static async Task<FileStreamHttpResult> ArtifactAsync(string id, string name, ResultService results, HttpResponse response, CancellationToken cancellation)
    {
        var (file, content) = await results.ArtifactAsync(id, name, cancellation);
        response.Headers.CacheControl = Immutable;
        return TypedResults.File(content, file.ContentType, file.Name, entityTag: Tag(file), enableRangeProcessing: true);
    }

    private static EntityTagHeaderValue? Tag(ArtifactView? file) => file is null ? null : new EntityTagHeaderValue($"\"{file.Sha256}\"");
}
