using System.Security.Cryptography;
using System.Text.Json;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Jobs;

/// <summary>Keys by which a client may repeat a submission without queueing it twice.</summary>
internal static class IdempotencyKeys
{
    private const int MaxLength = 200;

    /// <summary>The key, or null where none was given.</summary>
    /// <exception cref="InvalidInputException">It is empty, too long or not printable ASCII.</exception>
    public static string? Check(string? key) => key is null ? null
        : key.Length is 0 or > MaxLength || key.Any(c => c is < ' ' or > '~')
            ? throw new InvalidInputException("Idempotency-Key", $"must be 1 to {MaxLength} printable ASCII characters")
            : key;

    /// <summary>SHA-256 of a request; the order of JSON properties and white space do not count.</summary>
    public static string Hash(string? kind, string? name, JsonElement spec)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(kind);
            writer.WriteStringValue(name);
            Write(writer, spec);
            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Undefined:
                writer.WriteNullValue();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
