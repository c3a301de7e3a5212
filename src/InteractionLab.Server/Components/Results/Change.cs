namespace InteractionLab.Server.Components.Results;

/// <summary>The names of a job page's selections in its address.</summary>
internal static class Q
{
    public const string Tab = "tab";
    public const string Sample = "sample";
    public const string With = "with";
    public const string K = "k";
    public const string Row = "row";
}

/// <summary>A change of selections; null takes one away.</summary>
/// <param name="Values">New values by name.</param>
public sealed record Change(IReadOnlyDictionary<string, object?> Values)
{
    /// <summary>From pairs.</summary>
    public static Change Of(params (string Name, object? Value)[] values) => new(values.ToDictionary(v => v.Name, v => v.Value));
}
