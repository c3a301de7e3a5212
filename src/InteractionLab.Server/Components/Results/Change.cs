using System.Globalization;

namespace InteractionLab.Server.Components.Results;

/// <summary>The names of a job page's selections in its address.</summary>
internal static class Q
{
    public const string Tab = "tab";
    public const string Sample = "sample";
    public const string With = "with";
    public const string K = "k";
    public const string Row = "row";
    public const string Rows = "rows";
    public const string At = "at";
    public const string Show = "show";
    public const string Before = "before";
    public const string After = "after";
}

/// <summary>The selections in the address of a job page, each as it was typed; what a view does not know it ignores.</summary>
/// <param name="Sample">Index of the sample or game shown.</param>
/// <param name="With">The second one of a comparison: an index, or other jobs by id, separated by commas.</param>
/// <param name="K">How many interactions are shown.</param>
/// <param name="Row">The interaction chosen in the table, from 1.</param>
/// <param name="Rows">Page of a long table, from 1.</param>
/// <param name="At">Where a slider stands: a ratio or an epoch, by its position from 0.</param>
/// <param name="Show">Which of several quantities is shown.</param>
/// <param name="Before">The first of two that are compared, by its place from 0.</param>
/// <param name="After">The second of two that are compared, by its place from 0.</param>
public sealed record Selections(string? Sample = null, string? With = null, string? K = null, string? Row = null, string? Rows = null, string? At = null, string? Show = null, string? Before = null, string? After = null)
{
    /// <summary>A selection as a number; null where there is none, or something else: an address is typed by people.</summary>
    public static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The ids in <see cref="With"/>.</summary>
    public IReadOnlyList<string> Others => (With ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>A change of selections; null takes one away.</summary>
/// <param name="Values">New values by name.</param>
/// <param name="Replace">Whether going back passes over it: for sliders.</param>
public sealed record Change(IReadOnlyDictionary<string, object?> Values, bool Replace = false)
{
    /// <summary>From pairs.</summary>
    public static Change Of(params (string Name, object? Value)[] values) => new(values.ToDictionary(v => v.Name, v => v.Value));

    /// <summary>From pairs that a slider moved.</summary>
    public static Change Sliding(params (string Name, object? Value)[] values) => Of(values) with { Replace = true };
}
