using System.Globalization;
using InteractionLab.Models.Datasets;
using InteractionLab.Server.Datasets;

namespace InteractionLab.Server.Components.Datasets;

/// <summary>A sample as a list shows it: its label in words, and its first values or its text where it is a row.</summary>
internal sealed record SampleRow(int Index, string? Label, IReadOnlyList<double> Values, string? Text = null)
{
    /// <summary>Reads samples <paramref name="first"/>..<paramref name="last"/> of a dataset.</summary>
    public static async Task<IReadOnlyList<SampleRow>> ReadAsync(DatasetService datasets, DatasetView view, int first, int last, int columns, CancellationToken cancellation)
    {
        using var dataset = await datasets.OpenAsync(view.Id, cancellation);
        var rows = new List<SampleRow>();
        for (var i = first; i <= last; i++)
        {
            rows.Add(view.Kind switch
            {
                SampleKind.Image => new(i, LabelText(view, dataset.Labels?[i]), []),
                SampleKind.Games => new(i, null, [.. dataset.Game(i).Take(columns)]),
                _ => Row(view, dataset, dataset.Get(i), columns),
            });
        }

        return rows;
    }

    private static SampleRow Row(DatasetView view, IDataset dataset, Sample sample, int columns) =>
        dataset.TokensOf(sample) is { } tokens
            ? new(sample.Index, LabelText(view, sample.Label), [], string.Join(' ', tokens))
            : new(sample.Index, LabelText(view, sample.Label), [.. sample.Values.Take(columns).Select(v => (double)v)]);

    /// <summary>A class by its name where the dataset has names.</summary>
    public static string? LabelText(DatasetView view, int? label) =>
        label is not { } y ? null : view.ClassNames is { } names && y >= 0 && y < names.Count ? names[y] : y.ToString(CultureInfo.InvariantCulture);

    /// <summary>Headings of the values shown.</summary>
    public static IEnumerable<string> Columns(DatasetView view, int most)
    {
        if (view.Kind == SampleKind.Text)
        {
            yield break;
        }

        var count = view.SampleShape.Aggregate(1, (product, side) => product * side);
        for (var i = 0; i < Math.Min(count, most); i++)
        {
            yield return view.Kind == SampleKind.Games ? $"v({Convert.ToString(i, 2)})" : view.ColumnNames is { } names && i < names.Count ? names[i] : i.ToString(CultureInfo.InvariantCulture);
        }

        if (count > most)
        {
            yield return "…";
        }
    }
}
