namespace InteractionLab.Models.Datasets;

/// <summary>A dataset upload was refused; <see cref="Field"/> is the form field at fault (<c>files</c>, <c>format</c>, <c>options.mean</c>).</summary>
public sealed class DatasetRejectedException(string field, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The form field at fault.</summary>
    public string Field { get; } = field;
}
