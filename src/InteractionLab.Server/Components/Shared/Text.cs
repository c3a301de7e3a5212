using System.Globalization;

namespace InteractionLab.Server.Components.Shared;

/// <summary>How numbers, sizes and times read on a page; the invariant culture throughout, with the minus sign (U+2212) that words and charts have.</summary>
internal static class Text
{
    private static readonly CultureInfo Culture = WithMinus();

    /// <summary>Stands for a value that does not exist.</summary>
    public const string None = "–";

    /// <summary>A whole number with thin grouping: 12,345.</summary>
    public static string Count(long value) => value.ToString("N0", Culture);

    /// <summary>A count with its noun: 1 job, 2 jobs.</summary>
    public static string Count(long value, string noun) => $"{Count(value)} {(value == 1 ? noun : noun + "s")}";

    /// <summary>A count with a noun given in the plural: 1 game, 2 games; several nouns stay as they are.</summary>
    public static string CountOf(long value, string nouns) => value == 1 && nouns.EndsWith('s') && !nouns.Contains(' ', StringComparison.Ordinal) ? $"1 {nouns[..^1]}" : $"{Count(value)} {nouns}";

    /// <summary>A quantity to four significant digits; a dash where it is not a number.</summary>
    public static string Number(double? value)
    {
        if (value is not { } x || !double.IsFinite(x))
        {
            return None;
        }

        var size = Math.Abs(x);
        if (size is 0)
        {
            return "0";
        }

        return size switch
        {
            < 1e-3 or >= 1e6 => x.ToString("0.##e+0", Culture),
            < 1 => x.ToString("0.####", Culture),
            < 10 => x.ToString("0.###", Culture),
            < 1000 => x.ToString("0.##", Culture),
            _ => x.ToString("N0", Culture),
        };
    }

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double? share)
    {
        if (share is not { } x || !double.IsFinite(x))
        {
            return None;
        }

        var percent = 100 * x;
        return Math.Abs(percent) switch
        {
            0 => "0",
            < 1e-4 => percent.ToString("0.#e+0", Culture),
            < 0.1 => percent.ToString("0.####", Culture),
            < 10 => percent.ToString("0.##", Culture),
            _ => percent.ToString("0.#", Culture),
        } + " %";
    }

    /// <summary>A quantity with its standard error, rounded to what the error leaves of it.</summary>
    public static string WithError(double? value, double? error, string unit = "")
    {
        if (value is not { } x || !double.IsFinite(x) || error is not > 0 || !double.IsFinite(error.Value))
        {
            return value is { } known && double.IsFinite(known) ? Number(known) + unit : None;
        }

        // Two digits of the error.
        var digits = 1 - (int)Math.Floor(Math.Log10(error.Value));
        if (digits > 6 || digits < 0)
        {
            return $"{Number(x)} ± {Number(error)}{unit}";
        }

        // What is rounded to 0 has no sign.
        var format = "F" + digits.ToString(Culture);
        return $"{(Math.Round(x, digits) == 0 ? 0 : x).ToString(format, Culture)} ± {error.Value.ToString(format, Culture)}{unit}";
    }

    /// <summary>A size in binary units.</summary>
    public static string Bytes(long value)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var size = (double)value;
        var unit = 0;
        while (size >= 1024 && unit < units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return $"{size.ToString(unit == 0 || size >= 100 ? "0" : "0.0", Culture)} {units[unit]}";
    }

    /// <summary>A duration in the two largest units that matter.</summary>
    public static string Seconds(double? seconds) => seconds switch
    {
        null => None,
        double.NaN or double.PositiveInfinity or double.NegativeInfinity => None,
        < 0.95 => "under 1 s",
        < 60 => $"{Math.Round(seconds.Value):0} s",
        < 3600 => $"{(int)(seconds.Value / 60)} min {(int)(seconds.Value % 60)} s",
        < 86400 => $"{(int)(seconds.Value / 3600)} h {(int)(seconds.Value % 3600 / 60)} min",
        _ => $"{(int)(seconds.Value / 86400)} d {(int)(seconds.Value % 86400 / 3600)} h",
    };

    /// <summary>How long ago, or how soon.</summary>
    public static string Ago(DateTimeOffset then, DateTimeOffset now)
    {
        var seconds = (now - then).TotalSeconds;
        return seconds switch
        {
            < 10 => "just now",
            < 60 => $"{(int)seconds} s ago",
            < 3600 => $"{(int)(seconds / 60)} min ago",
            < 86400 => $"{(int)(seconds / 3600)} h ago",
            < 86400 * 14 => $"{Count((int)(seconds / 86400), "day")} ago",
            _ => then.ToString("yyyy-MM-dd", Culture),
        };
    }

    /// <summary>The exact time, in UTC.</summary>
    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", Culture) + " UTC";

    /// <summary>A shape such as 3 × 32 × 32; an unknown dimension is <c>?</c>.</summary>
    public static string Shape<T>(IEnumerable<T> dimensions) => string.Join(" × ", dimensions.Select(d => d is null ? "?" : Convert.ToString(d, Culture)));

    private static CultureInfo WithMinus()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "\u2212";
        return culture;
    }
}
