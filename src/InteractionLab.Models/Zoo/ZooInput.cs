using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Zoo;

/// <summary>What a network of the zoo is built for.</summary>
/// <param name="Kind">Pictures, tables or text.</param>
/// <param name="SampleShape">Of one sample: [channels, height, width], [columns] or [length].</param>
/// <param name="Classes">Outputs, at least 2.</param>
/// <param name="Vocabulary">Token ids, text only: ids are 0 to Vocabulary - 1.</param>
public sealed record ZooInput(SampleKind Kind, IReadOnlyList<int> SampleShape, int Classes, int Vocabulary = 0)
{
    /// <summary>The input that a dataset's samples are.</summary>
    public static ZooInput Of(DatasetSummary dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return new ZooInput(dataset.Kind, dataset.SampleShape, dataset.Classes, dataset.Vocabulary?.Count ?? 0);
    }

    internal int Channels => SampleShape[0];

    internal int Height => SampleShape[1];

    internal int Width => SampleShape[2];

    internal int Cells => SampleShape.Aggregate(1, (product, side) => checked(product * side));
}
