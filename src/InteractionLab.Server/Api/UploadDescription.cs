using Microsoft.OpenApi;

namespace InteractionLab.Server.Api;

/// <summary>Describes multipart uploads, which are read as streams and so say nothing of themselves.</summary>
internal static class UploadDescription
{
    /// <summary>Adds a multipart body with one file field and text fields. A name that ends in <c>s</c> takes several files.</summary>
    public static RouteHandlerBuilder AcceptsUpload(this RouteHandlerBuilder builder, string fileField, params string[] textFields) =>
        builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var file = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
            var schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { fileField },
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    [fileField] = fileField.EndsWith('s') ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = file } : file,
                },
            };
            foreach (var field in textFields)
            {
                schema.Properties[field] = new OpenApiSchema { Type = JsonSchemaType.String };
            }

            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType> { ["multipart/form-data"] = new() { Schema = schema } },
            };
            return Task.CompletedTask;
        });
}
