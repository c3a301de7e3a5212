using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>What the inputs of a network are fed with (docs/inputs.md), which output holds the scores of the classes, and what they are (docs/outputs.md).</summary>
public sealed class OutputForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["inputs", "output", "outputAs"];

    /// <summary>Roles of inputs, as in <c>m=mask, t=types</c>; empty goes by their names.</summary>
    public string Inputs { get; set; } = "";

    /// <summary>The output's name; empty leaves the choice to the lab.</summary>
    public string Name { get; set; } = "";

    /// <summary>What its numbers are; empty goes by what the graph ends in.</summary>
    public string TakenAs { get; set; } = "";

    /// <summary>Adds its fields to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        if (Inputs.Trim().Length > 0)
        {
            spec["inputs"] = Roles();
        }

        foreach (var (field, text) in new[] { (Fields[1], Name), (Fields[2], TakenAs) }.Where(field => field.Item2.Length > 0))
        {
            spec[field] = text;
        }
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("inputs") is { ValueKind: JsonValueKind.Object } roles)
        {
            Inputs = string.Join(", ", roles.EnumerateObject().Select(role => $"{role.Name}={role.Value}"));
        }

        Name = spec.Read("output") ?? Name;
        TakenAs = spec.Read("outputAs") ?? TakenAs;
    }

    // A name without a role goes into the spec as it is: the server says what is wrong with it.
    private JsonObject Roles()
    {
        var roles = new JsonObject();
        foreach (var part in Inputs.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.LastIndexOf('=');
            roles[at < 0 ? part : part[..at].Trim()] = at < 0 ? "" : part[(at + 1)..].Trim();
        }

        return roles;
    }
}
