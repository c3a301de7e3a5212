using System.Globalization;
using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Datasets;
using InteractionLab.Server.Api;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace InteractionLab.Server.Datasets;

/// <summary>A sample of a dataset.</summary>
/// <param name="Index">Position in the dataset.</param>
/// <param name="Label">Class, null without labels.</param>
/// <param name="ClassName">Name of the class, where the upload had names.</param>
/// <param name="Shape">Shape of the values.</param>
/// <param name="Values">Values as the network takes them (normalised), row by row; of text its token ids; of a game its 2^n outputs.</param>
/// <param name="Tokens">Words of a text by position, without the [PAD] behind it; null for other kinds.</param>
internal sealed record SampleView(int Index, int? Label, string? ClassName, IReadOnlyList<int> Shape, IReadOnlyList<double> Values, IReadOnlyList<string>? Tokens = null);

/// <summary>Datasets: upload, list, samples, delete.</summary>
internal static class DatasetsFeature
{
    private const string Options = "Options by format: 'mean' and 'std' (a number, a list by channel or column, or \"auto\") for all but text and games; "
        + "images (PNG, JPEG, WebP, BMP; turned as EXIF says): 'channels' (1, 3, \"auto\"), 'labels' (a list, without class folders); "
        + "csv: 'label' (name or index of the column, or null; required), 'header' (true, false), 'separator' (\",\", \";\", \"tab\", \"auto\"); "
        + "npz: 'layout' (\"chw\", \"hwc\"), 'x' and 'y' (names of the arrays); tsv-text: 'text' (required), 'label', 'vocabulary', 'length', 'lowerCase', 'header'. "
        + "The dataset's 'options' echo them, and say what the import did beside: 'greyToColour', 'colourToGrey', 'turnedByExif', 'laidOverWhite', 'roundedTo8Bits', 'cutToLength', 'onlyUnknownWords', 'oneHotLabels', 'emptyClasses'.";

    public static IServiceCollection AddDatasets(this IServiceCollection services) =>
        services.AddSingleton<DatasetCache>().AddSingleton<DatasetService>();

    public static IEndpointRouteBuilder MapDatasets(this IEndpointRouteBuilder api)
    {
        var datasets = api.MapGroup("/datasets").WithTags("Datasets");
        datasets.MapPost("", UploadAsync).WithSummary("Register a dataset: multipart field 'files' (one or more), 'format', 'name' and 'options' (JSON).").WithDescription(Options)
            .OnlyQuery().RequireRateLimiting(ApiFeature.Uploads).DisableAntiforgery().AcceptsUpload("files", "format", "name", "options").Problems(400, 413, 415, 507);
        datasets.MapGet("", ListAsync).WithSummary("Datasets, newest first.").OnlyQuery("take", "after").Problems(400);
        datasets.MapGet("/{id}", FindAsync).WithSummary("One dataset.").OnlyQuery().Problems(404);
        datasets.MapGet("/{id}/samples/{index}", SampleAsync).WithSummary("One sample: label, and values or tokens.").OnlyQuery().Problems(400, 404, 409);
        datasets.MapGet("/{id}/samples/{index}/image", ImageAsync).WithSummary("One sample as it was uploaded, as a PNG; 404 unless the dataset has pictures.").OnlyQuery()
            .Produces(StatusCodes.Status200OK, contentType: "image/png").Problems(400, 404, 409);
        datasets.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a dataset; 409 while a job that has not succeeded uses it: delete that job first.").OnlyQuery().Problems(404, 409);
        return api;
    }

    private static async Task<Created<DatasetView>> UploadAsync(HttpRequest request, DatasetService datasets, FileStore files, IOptions<LabOptions> options, CancellationToken cancellation)
    {
        var rules = new UploadRules("files", options.Value.MaxDatasetFiles, options.Value.MaxDatasetBytes, ["format", "name", "options"]);
        using var form = await UploadForm.ReadAsync(request, files, rules, cancellation);
        var dataset = await datasets.AddAsync(form.Files, form.Text("format"), form.Text("name"), ParseOptions(form.Text("options")), cancellation);
        return TypedResults.Created($"/api/v1/datasets/{dataset.Id}", dataset);
    }

    private static async Task<Ok<Page<DatasetView>>> ListAsync(DatasetService datasets, string? take, string? after, CancellationToken cancellation) =>
        TypedResults.Ok(await datasets.ListAsync(QueryRules.Take(take), after, cancellation));

    private static async Task<Ok<DatasetView>> FindAsync(string id, DatasetService datasets, CancellationToken cancellation) =>
        TypedResults.Ok(await datasets.FindAsync(id, cancellation));

    private static async Task<Ok<SampleView>> SampleAsync(string id, string index, DatasetService datasets, CancellationToken cancellation)
    {
        using var dataset = await datasets.OpenAsync(id, cancellation);
        var summary = dataset.Summary;
        var i = Position(index, summary.Count);
        if (summary.Kind is SampleKind.Games)
        {
            return TypedResults.Ok(new SampleView(i, null, null, summary.SampleShape, dataset.Game(i)));
        }

        var sample = dataset.Get(i);
        var name = sample.Label is { } label && summary.ClassNames is { } names && label < names.Count ? names[label] : null;
        return TypedResults.Ok(new SampleView(i, sample.Label, name, summary.SampleShape, Array.ConvertAll(sample.Values, v => (double)v), dataset.TokensOf(sample)));
    }

    private static async Task<FileContentHttpResult> ImageAsync(string id, string index, DatasetService datasets, HttpResponse response, CancellationToken cancellation)
    {
        using var dataset = await datasets.OpenAsync(id, cancellation);
        var i = Position(index, dataset.Summary.Count);
        var png = dataset.Png(i) ?? throw new NotFoundException("picture of sample", index);
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return TypedResults.File(png, "image/png", entityTag: new EntityTagHeaderValue($"\"{id}-{i}\""));
    }

    private static async Task<NoContent> DeleteAsync(string id, DatasetService datasets, CancellationToken cancellation)
    {
        await datasets.DeleteAsync(id, cancellation);
        return TypedResults.NoContent();
    }

    private static int Position(string text, int count) =>
        !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? throw new InvalidInputException("index", "must be a whole number from 0")
        : index < count ? index
        : throw new NotFoundException("sample", text);

    private static JsonElement? ParseOptions(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        try
        {
            return JsonText.Check(JsonSerializer.Deserialize<JsonElement>(text, LabJson.Options), "options");
        }
        catch (JsonException error)
        {
            throw new InvalidInputException("options", "is not JSON", error);
        }
    }
}
