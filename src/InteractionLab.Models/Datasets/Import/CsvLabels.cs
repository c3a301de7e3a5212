using System.Globalization;
using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Datasets;

/// <summary>Collects a label column: whole numbers, or names that become classes in ordinal order.</summary>
internal sealed class CsvLabels
{
    private const int MostNames = 10_000;
    private readonly List<int> _labels = [];
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private bool? _named;

    /// <summary>Adds a cell; the first decides whether the column holds numbers or names.</summary>
    public void Add(string cell, long row, string column)
    {
        var isNumber = double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        _named ??= !isNumber;
        if (cell.Length == 0 || isNumber == _named || (isNumber && LabelRange.FromNumber(number) is null))
        {
            throw new InvalidDataException($"row {row}, column '{column}': '{Printable.Text(cell)}' {LabelRange.Fault}, or names throughout");
        }

        if (isNumber)
        {
            _labels.Add((int)number);
            return;
        }

        if (!_names.TryGetValue(cell, out var id))
        {
            if (_names.Count == MostNames)
            {
                throw new InvalidDataException($"column '{column}' holds more than {MostNames} class names");
            }

            _names.Add(cell, id = _names.Count);
        }

        _labels.Add(id);
    }

    /// <summary>The labels, and the names where the column held names.</summary>
    public (IReadOnlyList<int> Labels, IReadOnlyList<string>? Names) Finish()
    {
        if (_named != true)
        {
            return (_labels, null);
        }

        var sorted = _names.Keys.Order(StringComparer.Ordinal).ToList();
        var rank = new int[sorted.Count];
        for (var i = 0; i < rank.Length; i++)
        {
            rank[_names[sorted[i]]] = i;
        }

        return (_labels.ConvertAll(id => rank[id]), sorted.ConvertAll(Printable.Text));
    }
}
