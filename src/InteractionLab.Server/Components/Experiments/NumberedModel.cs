using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>A model with a number: the epoch or the sparsity it stands for.</summary>
public sealed class NumberedModel
{
    /// <summary>The number as it was typed.</summary>
    public string Number { get; set; } = "";

    /// <summary>Id of the model.</summary>
    public string Model { get; set; } = "";

    /// <summary>A list as a spec says it.</summary>
    public static JsonArray ToJson(IEnumerable<NumberedModel> list, string number) =>
        new([.. list.Select(item => (JsonNode)new JsonObject().With(number, FormText.Number(item.Number)).With("model", item.Model))]);

    /// <summary>Takes over a list of a spec.</summary>
    public static void Read(List<NumberedModel> list, JsonElement array, string number)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        list.Clear();
        list.AddRange(array.EnumerateArray().Select(item => new NumberedModel { Number = item.Read(number) ?? "", Model = item.Read("model") ?? "" }));
    }
}
