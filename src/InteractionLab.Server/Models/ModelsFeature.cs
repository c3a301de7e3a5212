using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Server.Api;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace InteractionLab.Server.Models;

/// <summary>Models: upload, list, show, download, delete.</summary>
internal static class ModelsFeature
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services.AddSingleton<ModelService>();

    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder api)
    {
        var models = api.MapGroup("/models").WithTags("Models");
        models.MapPost("", UploadAsync).WithSummary("Register a model: multipart field 'file' (ONNX), and 'name'. The same bytes again give 200 and the same model.")
            .OnlyQuery().RequireRateLimiting(ApiFeature.Uploads).DisableAntiforgery().AcceptsUpload("file", "name").Problems(400, 413, 415, 507);
        models.MapGet("", ListAsync).WithSummary("Models, newest first.").OnlyQuery("take", "after").Problems(400);
        models.MapGet("/{id}", FindAsync).WithSummary("One model.").OnlyQuery().Problems(404);
        models.MapGet("/{id}/nodes", NodesAsync).WithSummary("The nodes of a model in topological order.").OnlyQuery().Problems(404, 409);
        models.MapGet("/{id}/cuts", CutsAsync).WithSummary("Tensors where the model can be cut cleanly, in its order, each with the share of the work that lies behind it.").OnlyQuery().Problems(404, 409);
        models.MapGet("/{id}/output", OutputAsync).WithSummary("Which output of the model holds the scores of classes and what it is taken for, where no dataset and no spec say otherwise.").OnlyQuery().Problems(404, 409);
        models.MapGet("/{id}/file", FileAsync).WithSummary("The file as it was uploaded; 409 where it is damaged, as with all that reads it.").OnlyQuery()
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").Problems(404, 409, 416);
        models.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a model; 409 while a job that has not succeeded uses it: delete that job first.").OnlyQuery().Problems(404, 409);
        return api;
    }

    private static async Task<Results<Created<ModelView>, Ok<ModelView>>> UploadAsync(HttpRequest request, ModelService models, FileStore files, IOptions<LabOptions> options, CancellationToken cancellation)
    {
        using var form = await UploadForm.ReadAsync(request, files, new("file", 1, options.Value.MaxModelBytes, ["name"]), cancellation);
        var (model, created) = await models.AddAsync(form.Files[0].Staged, form.Text("name"), form.Files[0].FileName, cancellation);
        return created ? TypedResults.Created($"/api/v1/models/{model.Id}", model) : TypedResults.Ok(model);
    }

    private static async Task<Ok<Page<ModelView>>> ListAsync(ModelService models, string? take, string? after, CancellationToken cancellation) =>
        TypedResults.Ok(await models.ListAsync(QueryRules.Take(take), after, cancellation));

    private static async Task<Ok<ModelView>> FindAsync(string id, ModelService models, CancellationToken cancellation) =>
        TypedResults.Ok(await models.FindAsync(id, cancellation));

    private static async Task<Ok<IReadOnlyList<NodeSummary>>> NodesAsync(string id, ModelService models, CancellationToken cancellation) =>
        TypedResults.Ok(await models.NodesAsync(id, cancellation));

    private static async Task<Ok<IReadOnlyList<SuggestedCut>>> CutsAsync(string id, ModelService models, CancellationToken cancellation) =>
        TypedResults.Ok(await models.CutsAsync(id, cancellation));

    private static async Task<Ok<ModelOutputView>> OutputAsync(string id, ModelService models, CancellationToken cancellation) =>
        TypedResults.Ok(await models.OutputAsync(id, cancellation));

    private static async Task<FileStreamHttpResult> FileAsync(string id, ModelService models, HttpResponse response, CancellationToken cancellation)
    {
        var (model, content) = await models.OpenFileAsync(id, cancellation);
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        var name = model.Name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? model.Name : $"{model.Name}.onnx";
        return TypedResults.File(content, "application/octet-stream", name, entityTag: new EntityTagHeaderValue($"\"{model.Sha256}\""), enableRangeProcessing: true);
    }

    private static async Task<NoContent> DeleteAsync(string id, ModelService models, CancellationToken cancellation)
    {
        await models.DeleteAsync(id, cancellation);
        return TypedResults.NoContent();
    }
}
