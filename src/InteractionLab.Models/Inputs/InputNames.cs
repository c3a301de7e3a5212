namespace InteractionLab.Models.Inputs;

/// <summary>The roles of inputs by the names that exporters give them.</summary>
internal static class InputNames
{
    private static readonly Dictionary<string, InputRole> Roles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["input_ids"] = InputRole.Ids,
        ["input_word_ids"] = InputRole.Ids,
        ["token_ids"] = InputRole.Ids,
        ["ids"] = InputRole.Ids,
        ["tokens"] = InputRole.Ids,
        ["attention_mask"] = InputRole.Mask,
        ["input_mask"] = InputRole.Mask,
        ["mask"] = InputRole.Mask,
        ["token_type_ids"] = InputRole.Types,
        ["input_type_ids"] = InputRole.Types,
        ["segment_ids"] = InputRole.Types,
        ["type_ids"] = InputRole.Types,
        ["position_ids"] = InputRole.Positions,
        ["input_positions"] = InputRole.Positions,
        ["positions"] = InputRole.Positions,
    };

    /// <summary>The role that a name says; null where it says none. A tensor's number (<c>:0</c>, <c>.1</c>) and the scope before the name do not count.</summary>
    public static InputRole? RoleOf(string name)
    {
        var colon = name.LastIndexOf(':');
        var plain = colon > 0 && name[(colon + 1)..].All(char.IsAsciiDigit) ? name[..colon] : name;
        var dot = plain.LastIndexOf('.');
        plain = dot > 0 && plain[(dot + 1)..].All(char.IsAsciiDigit) ? plain[..dot] : plain;
        plain = plain[(plain.LastIndexOf('/') + 1)..];
        const string Served = "serving_default_";
        plain = plain.StartsWith(Served, StringComparison.Ordinal) ? plain[Served.Length..] : plain;
        return Roles.TryGetValue(plain, out var role) ? role : null;
    }
}
