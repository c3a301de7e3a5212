using System.Text.Json;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Api;

/// <summary>
/// A parsed JSON document may still hold strings that are not text: bytes that are no UTF-8, half a surrogate pair.
/// Reading one throws, far from where the document came in; so it is refused there.
/// </summary>
internal static class JsonText
{
    /// <summary>Returns the element.</summary>
    /// <exception cref="InvalidInputException">A string in it is not text.</exception>
    public static JsonElement Check(JsonElement element, string field)
    {
        try
        {
            Read(element);
            return element;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidInputException(field, "has a string that is not valid Unicode", error);
        }
    }

    private static void Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Read(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    Read(property.Value);
                }

                break;
        }
    }
}
