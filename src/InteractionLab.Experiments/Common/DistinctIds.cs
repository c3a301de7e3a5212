namespace InteractionLab.Experiments.Common;

/// <summary>Reads lists of ids of models, each once unless said otherwise.</summary>
internal static class DistinctIds
{
    /// <summary>The ids; empty where the field is absent or wrong. A wrong item is an empty id.</summary>
    /// <param name="value">The field.</param>
    /// <param name="most">The most ids it may have.</param>
    /// <param name="mayRepeat">Whether an id may stand there again.</param>
    public static IReadOnlyList<string> Read(SpecValue? value, int most = int.MaxValue, bool mayRepeat = false)
    {
        if (value?.AsList() is not { } items)
        {
            return [];
        }

        if (items.Count > most)
        {
            value.Value.Fault($"has {items.Count} models; at most {most}");
            return [];
        }

        var ids = items.Select(item => item.AsText() ?? string.Empty).ToArray();
        for (var i = 0; i < ids.Length && !mayRepeat; i++)
        {
            if (ids[i].Length > 0 && Array.IndexOf(ids, ids[i]) is var first && first < i)
            {
                items[i].Fault($"model '{ids[i]}' is already {value.Value.Path}[{first}]");
            }
        }

        return ids;
    }
}
