namespace InteractionLab.Models.Datasets.Training;

/// <summary>
/// Samples of one training step. The arrays belong to the producer and hold until the next batch is asked for; they may
/// be longer than what the last batch uses.
/// </summary>
public sealed class Batch
{
    internal Batch(IReadOnlyList<int> sampleShape, int capacity, bool text)
    {
        SampleShape = sampleShape;
        Cells = sampleShape.Aggregate(1, (product, side) => checked(product * side));
        Values = text ? [] : new float[checked(capacity * Cells)];
        Tokens = text ? new long[checked(capacity * Cells)] : null;
        Labels = new long[capacity];
        Indices = new int[capacity];
    }

    /// <summary>Position in the epoch, from 0.</summary>
    public int Number { get; internal set; }

    /// <summary>Samples in this batch.</summary>
    public int Count { get; internal set; }

    /// <summary>Shape of one sample.</summary>
    public IReadOnlyList<int> SampleShape { get; }

    /// <summary>Values of one sample.</summary>
    public int Cells { get; }

    /// <summary>[Count, sample] row-major, normalised; empty for text.</summary>
    public float[] Values { get; }

    /// <summary>[Count, length] token ids of text; null for other kinds.</summary>
    public long[]? Tokens { get; }

    /// <summary>Classes by sample.</summary>
    public long[] Labels { get; }

    /// <summary>Positions in the dataset by sample.</summary>
    public int[] Indices { get; }
}
