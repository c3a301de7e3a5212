using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Datasets;

/// <summary>Which column of a table an option names: by its name in the header, by an index from 0, or none.</summary>
internal sealed record ColumnOption(string Option, string? Name, int? Index)
{
    /// <summary>Reads the option; what is wrong is recorded and stands for none.</summary>
    /// <param name="options">Of the upload.</param>
    /// <param name="option">Its name, which is also what the column is called in messages.</param>
    /// <param name="mayBeNone">Whether null stands for "there is none".</param>
    public static ColumnOption Read(ImportOptions options, string option, bool mayBeNone)
    {
        var none = mayBeNone ? ", or null where there is none" : "";
        switch (options.Get(option))
        {
            case { ValueKind: JsonValueKind.String } name:
                return new ColumnOption(option, name.GetString()!, null);
            case { ValueKind: JsonValueKind.Number } index when index.TryGetInt32(out var i) && i >= 0:
                return new ColumnOption(option, null, i);
            case { ValueKind: JsonValueKind.Null } when mayBeNone:
                break;
            case null:
                options.Fault(option, $"is needed: the name or index (from 0) of the {option} column{none}");
                break;
            default:
                options.Fault(option, $"must be the name or index (from 0) of a column{(mayBeNone ? ", or null" : "")}");
                break;
        }

        return new ColumnOption(option, null, null);
    }

    public JsonValue? Echo() => Name is not null ? JsonValue.Create(Name) : Index is { } index ? JsonValue.Create(index) : null;

    /// <summary>The column's index among <paramref name="names"/>; -1 for none.</summary>
    /// <exception cref="DatasetRejectedException">The table has no such column.</exception>
    public int Column(string[] names)
    {
        if (Name is null)
        {
            return Index is not { } index ? -1 : index < names.Length
                ? index
                : throw new DatasetRejectedException($"options.{Option}", $"is column {index}; the table has {names.Length} columns");
        }

        var column = Array.IndexOf(names, Printable.Text(Name.Trim()));
        return column >= 0
            ? column
            : throw new DatasetRejectedException($"options.{Option}", $"names no column; the header has {Printable.Text(string.Join(", ", names))}");
    }
}
