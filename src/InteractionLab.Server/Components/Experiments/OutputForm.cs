using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>Which output of a network holds the scores of the classes, and what they are (docs/outputs.md).</summary>
public sealed class OutputForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["output", "outputAs"];

    /// <summary>The output's name; empty leaves the choice to the lab.</summary>
    public string Name { get; set; } = "";

    /// <summary>What its numbers are; empty goes by what the graph ends in.</summary>
    public string TakenAs { get; set; } = "";

    /// <summary>Adds its fields to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        foreach (var (field, text) in new[] { (Fields[0], Name), (Fields[1], TakenAs) }.Where(field => field.Item2.Length > 0))
        {
            spec[field] = text;
        }
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        Name = spec.Read("output") ?? Name;
        TakenAs = spec.Read("outputAs") ?? TakenAs;
    }
}
