namespace InteractionLab.Server.Components.Charts;

/// <summary>
/// A chart as data: plotly traces and a layout. Colours are written as tokens (<c>@positive</c>, <c>@and</c>, ...) that
/// the script replaces by the theme's, so one spec serves both themes; <c>@positive/0.2</c> is one fifth opaque,
/// and <c>@course/0.2</c> is a fifth of the way from the first to the last colour of a sequence.
/// </summary>
/// <param name="Traces">Plotly traces.</param>
/// <param name="Layout">Plotly layout, merged over the theme's.</param>
internal sealed record ChartSpec(IReadOnlyList<object> Traces, object Layout)
{
    /// <summary>What is said in place of the chart where every value is 0 or there is none; null where there is something to draw.</summary>
    public string? Empty { get; init; }

    public const string Positive = "@positive";
    public const string Negative = "@negative";
    public const string And = "@and";
    public const string Or = "@or";
    public const string Neutral = "@neutral";
    public const string Third = "@third";
    public const string Text = "@text";
}
