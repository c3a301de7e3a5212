using InteractionLab.Server.Components.Shared;

namespace InteractionLab.Server.Tests.Dashboard;

/// <summary>How numbers read on a page.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData(0.12345, 0.0123, "0.123 ± 0.012")]
    [InlineData(85.27, 0.4517, "85.27 ± 0.45")]
    [InlineData(1234.6, 23.4, "1235 ± 23")]
    [InlineData(12345.0, 2340.0, "12,345 ± 2,340")]
    [InlineData(0.25, null, "0.25")]
    [InlineData(0.25, 0.0, "0.25")]
    [InlineData(null, 0.1, "–")]
    [InlineData(-0.004, 1.1, "0.0 ± 1.1")]
    public void An_error_says_how_many_digits_count(double? value, double? error, string text) => Assert.Equal(text, Text.WithError(value, error));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.02, "0.02")]
    [InlineData(-12.3456, "−12.35")]
    [InlineData(1234567, "1.23e+6")]
    [InlineData(3.2e-16, "3.2e−16")]
    [InlineData(double.NaN, "–")]
    public void Numbers_have_four_digits_or_an_exponent(double value, string text) => Assert.Equal(text, Text.Number(value));

    [Theory]
    [InlineData(0.000919, "0.0919 %")]
    [InlineData(0.354, "35.4 %")]
    [InlineData(0, "0 %")]
    public void Shares_are_percentages(double value, string text) => Assert.Equal(text, Text.Percent(value));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(314053, "307 KiB")]
    public void Sizes_are_binary(long value, string text) => Assert.Equal(text, Text.Bytes(value));

    [Theory]
    [InlineData(0.2, "under 1 s")]
    [InlineData(61, "1 min 1 s")]
    [InlineData(7300, "2 h 1 min")]
    public void Durations_have_two_units(double value, string text) => Assert.Equal(text, Text.Seconds(value));
}
