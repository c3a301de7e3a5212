using System.Globalization;

namespace InteractionLab.Benchmarks;

/// <summary>One measured figure with what was asked of it.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="AtLeast">The target, where more is better.</param>
/// <param name="AtMost">The target, where less is better.</param>
/// <param name="Unit">Its unit; empty for ratios.</param>
internal sealed record BenchmarkRow(string Name, double Value, double? AtLeast = null, double? AtMost = null, string Unit = "")
{
    /// <summary>The target as text; null where there is none.</summary>
    public string? Target => AtLeast is { } least ? string.Create(CultureInfo.InvariantCulture, $">= {least}")
        : AtMost is { } most ? string.Create(CultureInfo.InvariantCulture, $"<= {most}") : null;

    /// <summary>Whether the figure is what was asked; null where nothing was.</summary>
    public bool? Met => AtLeast is { } least ? Value >= least : AtMost is { } most ? Value <= most : null;
}

/// <summary>What a benchmark of the table gives: its rows, and the measurements behind them.</summary>
internal sealed record BenchmarkReport(string Benchmark, IReadOnlyList<BenchmarkRow> Rows, object Details);
