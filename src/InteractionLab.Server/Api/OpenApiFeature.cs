using InteractionLab.Server.Jobs;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace InteractionLab.Server.Api;

/// <summary>The description of the API at /openapi/v1.json, committed as docs/openapi.json.</summary>
internal static class OpenApiFeature
{
    public static IServiceCollection AddLabOpenApi(this IServiceCollection services) =>
        services.AddOpenApi("v1", options => options.AddDocumentTransformer(DescribeAsync));

    private static async Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo { Title = "InteractionLab", Version = "v1", Description = "Register models and datasets, queue experiments on them, read their results." };
        // Where it is served is no part of the contract.
        document.Servers?.Clear();
        var experiments = context.ApplicationServices.GetRequiredService<ExperimentRegistry>();
        var specs = new List<IOpenApiSchema>();
        var results = new List<IOpenApiSchema>();
        foreach (var experiment in experiments.All)
        {
            var name = string.Concat(experiment.Kind.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
            await AddAsync(document, context, $"{name}Spec", experiment.SpecType, $"The spec of a job of kind {experiment.Kind}. {experiment.Description}", cancellation);
            await AddAsync(document, context, $"{name}Result", experiment.ResultType, $"The result of a job of kind {experiment.Kind}.", cancellation);
            specs.Add(new OpenApiSchemaReference($"{name}Spec", document));
            results.Add(new OpenApiSchemaReference($"{name}Result", document));
        }

        if (document.Components?.Schemas?.TryGetValue(nameof(JobRequest), out var request) is true && request is OpenApiSchema { Properties: { } properties } schema)
        {
            schema.Required = new HashSet<string> { "kind", "spec" };
            // What is kept of other fields is kept to refuse them.
            properties.Remove("unknown");
            schema.AdditionalProperties = null;
            schema.AdditionalPropertiesAllowed = false;
            properties["spec"] = new OpenApiSchema { Description = "What to compute: the schema named after the kind.", OneOf = specs };
        }

        if (document.Paths.TryGetValue("/api/v1/jobs/{id}/result", out var path) && path.Operations?[HttpMethod.Get].Responses?["200"].Content?["application/json"] is { } media)
        {
            media.Schema = new OpenApiSchema { OneOf = results };
        }

        OperationDescription.Complete(document);
    }

    private static async Task AddAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, string name, Type type, string description, CancellationToken cancellation)
    {
        var schema = await context.GetOrCreateSchemaAsync(type, null, cancellation);
        schema.Description = description;
        document.AddComponent(name, schema);
    }
}
