using System.Text.Json.Nodes;
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
        foreach (var experiment in experiments.All)
        {
            var name = string.Concat(experiment.Kind.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
            await AddAsync(document, context, $"{name}Spec", experiment.SpecType, $"The spec of a job of kind {experiment.Kind}. {experiment.Description}", cancellation);
            await AddAsync(document, context, $"{name}Result", experiment.ResultType, $"The result of a job of kind {experiment.Kind}.", cancellation);
        }
    }

    private static async Task AddAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, string name, Type type, string description, CancellationToken cancellation)
    {
        var schema = await context.GetOrCreateSchemaAsync(type, null, cancellation);
        schema.Description = description;
        document.AddComponent(name, schema);
    }
}
