using System.Text.Json.Serialization;

namespace InteractionLab.Experiments.Training;

/// <summary>A network of the zoo. Which options a family takes, and what they default to, is the zoo's to say.</summary>
public sealed record ArchitectureSpec
{
    /// <summary>The family: <c>mlp</c>, <c>lenet</c>, <c>alexnet-small</c>, <c>vgg</c>, <c>resnet</c>, <c>vit</c>, <c>text-transformer</c>.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Layers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Depth { get; init; }

    /// <summary>Units or channels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Width { get; init; }

    /// <summary>Side of a patch in pixels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Patch { get; init; }

    /// <summary>Attention heads.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Heads { get; init; }
}
