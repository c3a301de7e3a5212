using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>games</c>: tables pasted as JSON, or a dataset of games.</summary>
public sealed class GamesForm : ISpecForm
{
    private string text = "";
    private JsonArray? tables;
    private JsonArray? foundNames;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } = ["games", "names", "pairs", "name", .. InteractionsForm.Fields];

    /// <summary><c>paste</c> or <c>dataset</c>.</summary>
    public string Source { get; set; } = "paste";

    public string Dataset { get; set; } = "";

    public string Names { get; set; } = "";

    /// <summary>Pairs such as <c>0-1, 2-3</c>.</summary>
    public string Pairs { get; set; } = "";

    public InteractionsForm Interactions { get; } = new();

    /// <summary>
    /// What was pasted: one table, a list of tables, or a list of objects with <c>v</c> and perhaps <c>name</c>.
    /// </summary>
    public string Pasted
    {
        get => text;
        set
        {
            text = value ?? "";
            Parse();
        }
    }

    /// <summary>What was understood of what was pasted, or why nothing was.</summary>
    public string Understood { get; private set; } = "";

    /// <summary>Whether something was pasted that is no tables; <see cref="Understood"/> says why.</summary>
    public bool Refused => tables is null && Understood.Length > 0;

    /// <inheritdoc/>
    public string? Missing => Source == "dataset" ? Dataset.Length == 0 ? "Choose a dataset of games." : null : tables is null ? "Paste the tables." : null;

    /// <inheritdoc/>
    public bool NeedsModel => false;

    /// <inheritdoc/>
    public bool NeedsDataset => false;

    /// <inheritdoc/>
    public void StartWith(IReadOnlyList<ModelView> models, IReadOnlyList<DatasetView> datasets)
    {
        // Tables are pasted unless a dataset was asked for.
    }

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject { ["games"] = Source == "dataset" ? JsonValue.Create(Dataset) : tables?.DeepClone() ?? new JsonArray() };
        var names = Names.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length > 0)
        {
            spec["names"] = new JsonArray([.. names.Select(n => (JsonNode)n)]);
        }
        else if (Source == "paste" && foundNames is not null)
        {
            spec["names"] = foundNames.DeepClone();
        }

        var pairs = Pairs.Split([',', ' ', '\n', ';'], StringSplitOptions.RemoveEmptyEntries);
        if (pairs.Length > 0)
        {
            spec["pairs"] = new JsonArray([.. pairs.Select(p => (JsonNode)new JsonArray([.. p.Split('-').Select(FormText.Number)]))]);
        }

        Interactions.WriteTo(spec);
        return spec;
    }

    /// <inheritdoc/>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("games") is { ValueKind: JsonValueKind.String } id)
        {
            (Source, Dataset) = ("dataset", id.GetString()!);
        }
        else if (spec.Get("games") is { } games)
        {
            (Source, Pasted) = ("paste", games.GetRawText());
        }

        Dataset = spec.Read("dataset") ?? Dataset;
        Source = Dataset.Length > 0 ? "dataset" : Source;
        if (spec.Get("names") is { ValueKind: JsonValueKind.Array } names)
        {
            Names = string.Join(", ", names.EnumerateArray().Select(n => n.ToString()));
        }

        if (spec.Get("pairs") is { ValueKind: JsonValueKind.Array } pairs)
        {
            Pairs = string.Join(", ", pairs.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Array).Select(p => string.Join('-', p.EnumerateArray())));
        }

        Interactions.ReadFrom(spec);
    }

    private void Parse()
    {
        (tables, foundNames, Understood) = (null, null, "");
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        try
        {
            var node = FormText.Parse(text);
            var list = node is JsonObject whole && whole["games"] is JsonArray inner ? inner : node is JsonObject ? new JsonArray(node.DeepClone()) : node as JsonArray;
            switch (list)
            {
                case [JsonValue, ..]:
                    tables = new JsonArray(list.DeepClone());
                    break;
                case [JsonArray, ..]:
                    tables = list;
                    break;
                case [JsonObject, ..]:
                    tables = new JsonArray([.. list.Select(g => g?["v"]?.DeepClone())]);
                    foundNames = list.All(g => g?["name"] is JsonValue) ? new JsonArray([.. list.Select(g => g!["name"]!.DeepClone())]) : null;
                    break;
            }

            Understood = tables is null ? "This is JSON, but these are not tables: give [[v…], …]." : Describe(tables);
        }
        catch (JsonException error)
        {
            Understood = $"These are not tables: not JSON yet, or a name occurs twice in an object (line {(error.LineNumber ?? 0) + 1}).";
        }
        catch (InvalidOperationException)
        {
            (tables, foundNames) = (null, null);
            Understood = "These are not tables: give [[v…], …], one table, or a list of objects with v.";
        }
    }

    private static string Describe(JsonArray tables)
    {
        List<int> lengths = [.. tables.Select(t => (t as JsonArray)?.Count ?? 0).Distinct()];
        return $"{Shared.Text.Count(tables.Count, "game")} of {string.Join(", ", lengths)} values";
    }
}
