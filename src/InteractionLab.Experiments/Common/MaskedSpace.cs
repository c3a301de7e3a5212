namespace InteractionLab.Experiments.Common;

/// <summary>Where a picture lies in a tensor.</summary>
/// <param name="Height">Rows of places.</param>
/// <param name="Width">Columns of places.</param>
/// <param name="PlaceOf">The place of each cell, row by row; -1 for what is no place of the picture (a class token).</param>
internal sealed record PicturePlaces(int Height, int Width, int[] PlaceOf);

/// <summary>The tensor whose cells the players own: the input, or the cut tensor.</summary>
/// <param name="Shape">Its shape for one sample.</param>
/// <param name="Sample">Of a cut tensor the shape of the samples; null where the input itself is masked.</param>
internal sealed record MaskedSpace(IReadOnlyList<int> Shape, IReadOnlyList<int>? Sample = null)
{
    /// <summary>Whether it is a cut tensor.</summary>
    public bool IsCut => Sample is not null;

    /// <summary>Of a cut tensor, whether it holds pictures [height, width, channels].</summary>
    public bool IsChannelsLast { get; init; }

    /// <summary>Cells of one sample.</summary>
    public int Cells => Shape.Aggregate(1, (product, side) => checked(product * side));

    /// <summary>Says in a fault what the shape is.</summary>
    public string Described => $"{(IsCut ? "the cut tensor has" : "the dataset's samples have")} shape {Shapes.Show(Shape)}";

    /// <summary>
    /// The picture's places: of [channels, height, width] the last two sides, of [height, width, channels] the first two. Of a cut tensor [positions, width] behind a patch
    /// embedding, the positions themselves, row by row, where exactly one patch size of the sample's pictures gives as many,
    /// or one fewer than there are positions: then position 0 is the class token. Null where there is no picture.
    /// </summary>
    public PicturePlaces? Picture()
    {
        if (IsChannelsLast)
        {
            return new PicturePlaces(Shape[0], Shape[1], [.. Enumerable.Range(0, Cells).Select(cell => cell / Shape[2])]);
        }

        if (Shape.Count == 3)
        {
            var places = Shape[1] * Shape[2];
            return new PicturePlaces(Shape[1], Shape[2], [.. Enumerable.Range(0, Cells).Select(cell => cell % places)]);
        }

        if (Shape.Count != 2 || Sample is not [_, var height, var width])
        {
            return null;
        }

        var fits = (from patch in Enumerable.Range(1, Math.Min(height, width))
                    where height % patch == 0 && width % patch == 0
                    let count = height / patch * (width / patch)
                    where count > 1 && (count == Shape[0] || count + 1 == Shape[0])
                    select (Rows: height / patch, Columns: width / patch)).ToArray();
        if (fits is not [var (rows, columns)])
        {
            return null;
        }

        var first = Shape[0] - (rows * columns);
        return new PicturePlaces(rows, columns, [.. Enumerable.Range(0, Cells).Select(cell => Math.Max((cell / Shape[1]) - first, -1))]);
    }
}
