namespace InteractionLab.Experiments;

/// <summary>A spec is wrong. Every fault found is listed, by the JSON path of its field (e.g. <c>players.cells[3]</c>).</summary>
public sealed class SpecException : Exception
{
    /// <summary>Creates the exception from every fault found.</summary>
    public SpecException(IReadOnlyDictionary<string, string[]> errors)
        : base(string.Join("; ", errors.Select(e => $"{e.Key}: {string.Join(", ", e.Value)}")))
    {
        Errors = errors;
    }

    /// <summary>Field path to what is wrong with it.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }
}
