using System.Text.Json;
using System.Text.Json.Serialization;

namespace InteractionLab.Models.Datasets;

/// <summary>Content of <c>meta.json</c>.</summary>
/// <param name="Version">Of this layout.</param>
/// <param name="Summary">What the lab says of the dataset.</param>
/// <param name="Scale">Stored values are multiplied by it before normalisation: 1/255 for pixels, else 1.</param>
/// <param name="Mean">Subtracted, by channel.</param>
/// <param name="Std">Divided by, by channel.</param>
/// <param name="Low">Stored value drawn black.</param>
/// <param name="High">Stored value drawn white.</param>
internal sealed record DatasetMeta(int Version, DatasetSummary Summary, double Scale, double[] Mean, double[] Std, double Low, double High)
{
    public const int CurrentVersion = 1;

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        WriteIndented = true,
    };
}
