using System.Globalization;

namespace InteractionLab.Experiments.Common;

/// <summary>Names of classes beside their numbers: a table with the columns label, prediction or target gets labelName, predictionName, targetName at its end.</summary>
internal static class ClassColumns
{
    private static readonly string[] Numbered = ["label", "prediction", "target"];

    /// <summary>The tables with names; as they are where the dataset has none.</summary>
    /// <param name="tables">Tables of a result.</param>
    /// <param name="names">Names by class, or null.</param>
    public static IReadOnlyList<ResultTable> Add(IReadOnlyList<ResultTable> tables, IReadOnlyList<string>? names) =>
        names is null ? tables : [.. tables.Select(table => Add(table, names))];

    private static ResultTable Add(ResultTable table, IReadOnlyList<string> names)
    {
        var columns = Numbered.Where(table.Columns.Contains).Select(column => (Name: column + "Name", At: table.Columns.ToList().IndexOf(column))).ToArray();
        return columns.Length == 0 ? table : table with
        {
            Columns = [.. table.Columns, .. columns.Select(column => column.Name)],
            Rows = [.. table.Rows.Select(row => (IReadOnlyList<object?>)[.. row, .. columns.Select(column => NameOf(row[column.At], names))])],
        };
    }

    private static string? NameOf(object? number, IReadOnlyList<string> names) =>
        number is not null && Convert.ToInt64(number, CultureInfo.InvariantCulture) is var y && y >= 0 && y < names.Count ? names[(int)y] : null;
}
