namespace InteractionLab.Models.Datasets;

/// <summary>Bounds on what an upload may unpack to.</summary>
public sealed record ImportLimits
{
    /// <summary>The most entries of a zip.</summary>
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>The most bytes all entries of a zip, or the decoded samples, may take.</summary>
    public long MaxUnpackedBytes { get; init; } = 8L << 30;

    /// <summary>The most pixels of one picture.</summary>
    public long MaxPixels { get; init; } = 64L << 20;
}
