namespace InteractionLab.Models.Datasets;

/// <summary>A dataset upload was refused, for one fault or several.</summary>
public sealed class DatasetRejectedException : Exception
{
    /// <summary>One fault.</summary>
    /// <param name="field">The form field at fault (<c>files</c>, <c>format</c>, <c>options.mean</c>).</param>
    /// <param name="message">What is wrong with it.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public DatasetRejectedException(string field, string message, Exception? inner = null)
        : base(message, inner)
    {
        Field = field;
        Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] };
    }

    /// <summary>All faults found, at least one, in their order.</summary>
    internal DatasetRejectedException(IReadOnlyList<(string Field, string Message)> faults)
        : base(faults.Count == 1 ? faults[0].Message : string.Join("; ", faults.Select(fault => $"{fault.Field}: {fault.Message}")))
    {
        Field = faults[0].Field;
        Errors = faults.GroupBy(fault => fault.Field, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Select(fault => fault.Message).ToArray(), StringComparer.Ordinal);
    }

    /// <summary>The form field at fault; of several the first.</summary>
    public string Field { get; }

    /// <summary>What is wrong, by form field.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }
}
