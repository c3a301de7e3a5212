using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Components.Experiments;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Components.Datasets;

/// <summary>What was entered in the upload form, and the options it stands for.</summary>
internal sealed class DatasetForm
{
    /// <summary>Normalisations in common use.</summary>
    public static readonly (string Name, string Mean, string Std)[] Presets =
    [
        ("None (pixels 0 to 1)", "", ""),
        ("CIFAR-10", "0.4914, 0.4822, 0.4465", "0.2470, 0.2435, 0.2616"),
        ("MNIST", "0.1307", "0.3081"),
        ("ImageNet", "0.485, 0.456, 0.406", "0.229, 0.224, 0.225"),
        ("Measured on this dataset", "auto", "auto"),
        ("Own values", "", ""),
    ];

    public string FormatName { get; set; } = "cifar10";

    public string Mean { get; set; } = "";

    public string Std { get; set; } = "";

    public string LabelColumn { get; set; } = "label";

    public string Labels { get; set; } = "";

    public string TextColumn { get; set; } = "sentence";

    public string Length { get; set; } = "48";

    public bool LowerCase { get; set; }

    public string More { get; set; } = "";

    public DatasetFormat Format => DatasetFormat.All.First(f => f.Name == FormatName);

    public string Preset => Presets.FirstOrDefault(p => p.Mean == Mean && p.Std == Std).Name ?? Presets[^1].Name;

    /// <summary>What is wrong with <see cref="More"/>, before the server is asked.</summary>
    public string? MoreFault => ReadMore() is null ? "This is not a JSON object in which every name occurs once." : null;

    /// <summary>The fields on show for the format, as the API names them.</summary>
    public IReadOnlyCollection<string> Fields =>
    [
        "format", "files", "name", "options",
        .. Format.Pictures ? new[] { "options.mean", "options.std" } : [],
        .. Format.HasLabelColumn ? new[] { "options.label" } : [],
        .. Format.Name == "images" ? new[] { "options.labels" } : [],
        .. Format.Name == "tsv-text" ? new[] { "options.text", "options.length", "options.lowerCase" } : [],
    ];

    /// <summary>Takes a preset's values.</summary>
    public void Choose(string? preset)
    {
        if (Presets.FirstOrDefault(p => p.Name == preset) is { Name: not null } chosen && chosen != Presets[^1])
        {
            (Mean, Std) = (chosen.Mean, chosen.Std);
        }
    }

    /// <summary>The options as the API takes them. What is not a number goes as it is: the server names the field.</summary>
    public string OptionsJson
    {
        get
        {
            var options = ReadMore() ?? [];
            if (Format.Pictures)
            {
                Add(options, "mean", Mean);
                Add(options, "std", Std);
            }

            if (Format.HasLabelColumn)
            {
                options["label"] = Column(LabelColumn);
            }

            if (Format.Name == "images")
            {
                Add(options, "labels", Labels);
            }

            if (Format.Name == "tsv-text")
            {
                options["text"] = Column(TextColumn);
                options["lowerCase"] = LowerCase;
                Add(options, "length", Length);
                if (options["length"] is JsonArray { Count: 1 } one)
                {
                    options["length"] = one[0]!.DeepClone();
                }
            }

            return options.ToJsonString();
        }
    }

    /// <summary>Places what the API refused: an option without a field of its own is named at <c>options</c>.</summary>
    public FormFaults Place(IReadOnlyDictionary<string, string[]> errors) => FormFaults.From(new Fault(400, "", "", errors), Fields);

    private static JsonValue? Column(string text) =>
        text.Trim() is not { Length: > 0 } column ? null
        : int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? JsonValue.Create(index) : JsonValue.Create(column);

    private JsonObject? ReadMore()
    {
        if (string.IsNullOrWhiteSpace(More))
        {
            return [];
        }

        try
        {
            return FormText.Parse(More) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Add(JsonObject options, string name, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        if (text.Trim() == "auto")
        {
            options[name] = "auto";
            return;
        }

        var values = new JsonArray();
        foreach (var part in text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            values.Add(double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(part));
        }

        options[name] = values;
    }
}
