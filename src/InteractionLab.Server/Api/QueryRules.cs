using System.Globalization;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Api;

/// <summary>The query of a request: a parameter nobody reads is a mistake and is named, not passed over.</summary>
internal static class QueryRules
{
    /// <summary>Refuses every query parameter but these.</summary>
    public static RouteHandlerBuilder OnlyQuery(this RouteHandlerBuilder builder, params string[] names) =>
        builder.ProducesProblem(StatusCodes.Status400BadRequest).AddEndpointFilter(async (context, next) =>
        {
            var unknown = context.HttpContext.Request.Query.Keys.Where(k => !names.Contains(k)).ToList();
            return unknown.Count == 0
                ? await next(context)
                : throw new InvalidInputException(unknown.ToDictionary(k => k, _ => new[] { names.Length == 0 ? "this call takes no query parameters" : $"is not one of {string.Join(", ", names)}" }));
        });

    /// <summary>Reads <c>take</c>; null where it is absent.</summary>
    /// <exception cref="InvalidInputException">It is not a number.</exception>
    public static int? Take(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var take) ? take
        : throw new InvalidInputException("take", "must be a whole number");

    /// <summary>Reads a yes or no; absent is no.</summary>
    /// <exception cref="InvalidInputException">It is neither.</exception>
    public static bool Flag(string name, string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new InvalidInputException(name, "must be true or false"),
    };
}
