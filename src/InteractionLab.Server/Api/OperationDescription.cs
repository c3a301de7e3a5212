using System.Globalization;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace InteractionLab.Server.Api;

/// <summary>What the description says of all calls, and cannot be read off their signatures.</summary>
internal static class OperationDescription
{
    /// <summary>Completes parameters, problems and refusals of every call.</summary>
    public static void Complete(OpenApiDocument document)
    {
        DescribeProblem(document);
        foreach (var (path, item) in document.Paths)
        {
            foreach (var (method, operation) in item.Operations ?? [])
            {
                foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
                {
                    parameter.Schema = Schema(parameter.Name) ?? parameter.Schema;
                }

                if (path.EndsWith("/events", StringComparison.Ordinal))
                {
                    operation.Parameters?.Add(LastEventId());
                }

                if (operation.RequestBody is OpenApiRequestBody body)
                {
                    body.Required = true;
                }

                if (method != HttpMethod.Get)
                {
                    AddProblem(document, operation, "403", "Another site's page made a browser send the request.");
                }

                AddProblem(document, operation, "421", "The server is not known by the host name of the request.");
            }
        }
    }

    private static void DescribeProblem(OpenApiDocument document)
    {
        if (document.Components?.Schemas?.TryGetValue(nameof(ProblemDetails), out var found) is not true || found is not OpenApiSchema { Properties: { } properties } problem)
        {
            throw new InvalidOperationException("The description has no schema of problems.");
        }

        problem.Description = "An error, as RFC 9457 has it.";
        properties["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "What is wrong, by field; absent where no field is at fault.",
            AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
        };
        properties["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Finds the request in the server's log." };
    }

    // These come as text, so that what is wrong with them is said in the same words as of every other field.
    private static OpenApiSchema? Schema(string? name) => name switch
    {
        "take" => new()
        {
            Type = JsonSchemaType.Integer,
            Format = "int32",
            Minimum = "1",
            Maximum = PageRequest.MaxTake.ToString(CultureInfo.InvariantCulture),
            Default = PageRequest.DefaultTake,
        },
        "partial" => new() { Type = JsonSchemaType.Boolean, Default = false },
        "index" => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0" },
        _ => null,
    };

    private static OpenApiParameter LastEventId() => new()
    {
        Name = "Last-Event-ID",
        In = ParameterLocation.Header,
        Description = "The id of the last event seen: cells finished after it are sent first.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0" },
    };

    private static void AddProblem(OpenApiDocument document, OpenApiOperation operation, string status, string description) =>
        (operation.Responses ??= []).TryAdd(status, new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), document) },
            },
        });
}
