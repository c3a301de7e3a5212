namespace InteractionLab.Models.Datasets;

/// <summary>One of <c>mean</c> and <c>std</c> as it was asked for.</summary>
/// <param name="Auto">Measure it over the dataset.</param>
/// <param name="Values">One number for all channels, or one a channel; null for the default.</param>
internal readonly record struct NormalisationPart(bool Auto, double[]? Values)
{
    /// <summary>One number a channel; a list of another length is recorded as a fault of the option.</summary>
    public double[] Resolve(ImportOptions options, string name, double ordinary, double[] measured)
    {
        if (Auto)
        {
            return measured;
        }

        var values = Values ?? [ordinary];
        if (values.Length != 1 && values.Length != measured.Length)
        {
            options.Fault(name, $"has {values.Length} entries; the samples have {measured.Length} channels or columns");
            return measured;
        }

        return values.Length == measured.Length ? values : [.. Enumerable.Repeat(values[0], measured.Length)];
    }
}

/// <summary>How values become network inputs: (value - mean) / std, a channel or column at a time.</summary>
internal sealed record Normalisation(NormalisationPart Mean, NormalisationPart Std)
{
    /// <summary>Nothing is changed.</summary>
    public static Normalisation None { get; } = new(default, default);
}
