namespace InteractionLab.Experiments.Common;

/// <summary>Every fault found in one spec, by the JSON path of its field.</summary>
internal sealed class SpecFaults
{
    /// <summary>The path of the spec as a whole, where no field is at fault.</summary>
    public const string Whole = "spec";

    // A table of a million wrong numbers is answered with the first of them, not with all.
    private const int MostFields = 100;
    private readonly Dictionary<string, List<string>> _byPath = new(StringComparer.Ordinal);
    private int _unlisted;

    /// <summary>Records a fault.</summary>
    public void Add(string path, string why)
    {
        if (!_byPath.TryGetValue(path, out var list))
        {
            if (_byPath.Count >= MostFields)
            {
                _unlisted++;
                return;
            }

            _byPath[path] = list = [];
        }

        if (!list.Contains(why))
        {
            list.Add(why);
        }
    }

    /// <summary>Records faults of a part that was read as a spec of its own.</summary>
    /// <param name="faults">By the part's paths.</param>
    /// <param name="rename">The path in this spec.</param>
    public void Add(IEnumerable<(string Path, string Why)> faults, Func<string, string> rename)
    {
        foreach (var (path, why) in faults)
        {
            Add(rename(path), why);
        }
    }

    /// <summary>Every fault, by path.</summary>
    public IEnumerable<(string Path, string Why)> All => _byPath.SelectMany(entry => entry.Value.Select(why => (entry.Key, why)));

    /// <summary>Whether no fault lies at the path or below it: what is there can be used in further checks.</summary>
    public bool IsClean(string path) => !_byPath.Keys.Any(key => key == path
        || (key.StartsWith(path, StringComparison.Ordinal) && key[path.Length] is '.' or '['));

    /// <summary>Whether none of the paths has a fault.</summary>
    public bool AreClean(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (!IsClean(path))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Throws if there was any fault.</summary>
    /// <exception cref="SpecException">With every fault.</exception>
    public void ThrowIfAny()
    {
        if (_byPath.Count == 0)
        {
            return;
        }

        var errors = _byPath.ToDictionary(e => e.Key, e => e.Value.ToArray(), StringComparer.Ordinal);
        if (_unlisted > 0)
        {
            errors[Whole] = [.. errors.GetValueOrDefault(Whole, []), $"{_unlisted} further faults are not listed"];
        }

        throw new SpecException(errors);
    }
}
