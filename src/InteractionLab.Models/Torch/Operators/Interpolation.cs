namespace InteractionLab.Models.Torch.Operators;

/// <summary>How cells of a resized axis are made from the cells of the old one (ONNX Resize).</summary>
/// <param name="Mode">nearest, linear or cubic.</param>
/// <param name="Coordinates">The coordinate transformation.</param>
/// <param name="Nearest">The rounding of nearest.</param>
/// <param name="CubicA">The cubic's coefficient.</param>
/// <param name="ExcludeOutside">Whether cells outside get no weight.</param>
/// <param name="Antialias">Whether the filter widens when the axis shrinks.</param>
internal sealed record Interpolation(string Mode, string Coordinates, string Nearest, double CubicA, bool ExcludeOutside, bool Antialias)
{
    /// <summary>The place in the old axis that a new cell looks at.</summary>
    /// <param name="cell">The new cell.</param>
    /// <param name="size">Old size.</param>
    /// <param name="result">New size.</param>
    /// <param name="scale">New over old as the graph gives it.</param>
    /// <param name="region">Begin and end of the region of interest, 0..1.</param>
    public double Source(long cell, long size, long result, double scale, (double Begin, double End) region) => Coordinates switch
    {
        "align_corners" => result == 1 ? 0 : cell * (size - 1.0) / (result - 1),
        "asymmetric" => cell / scale,
        "pytorch_half_pixel" => result == 1 ? 0 : ((cell + 0.5) / scale) - 0.5,
        "tf_half_pixel_for_nn" => (cell + 0.5) / scale,
        "half_pixel_symmetric" => (size / 2.0 * (1 - (result / (scale * size)))) + ((cell + 0.5) / scale) - 0.5,
        "tf_crop_and_resize" => result == 1
            ? 0.5 * (region.Begin + region.End) * (size - 1)
            : (region.Begin * (size - 1)) + (cell * (region.End - region.Begin) * (size - 1) / (result - 1)),
        _ => ((cell + 0.5) / scale) - 0.5,
    };

    /// <summary>The old cell nearest to a place.</summary>
    public long NearestCell(double place, long size)
    {
        var cell = Nearest switch
        {
            "floor" => Math.Floor(place),
            "ceil" => Math.Ceiling(place),
            "round_prefer_ceil" => Math.Floor(place + 0.5),
            _ => Math.Ceiling(place - 0.5),
        };
        return (long)Math.Clamp(cell, 0, size - 1);
    }

    /// <summary>Weights [result, size] of the old cells in each new one.</summary>
    /// <param name="places">The place each new cell looks at.</param>
    /// <param name="size">Old size.</param>
    /// <param name="scale">New over old.</param>
    public double[] Weights(double[] places, long size, double scale)
    {
        var weights = new double[places.Length * size];
        var width = Antialias && scale < 1 ? 1 / scale : 1;
        var reach = (int)Math.Ceiling((Mode == "cubic" ? 2 : 1) * width);
        for (var cell = 0; cell < places.Length; cell++)
        {
            var nearest = (long)Math.Floor(places[cell]);
            var row = weights.AsSpan((int)(cell * size), (int)size);
            double sum = 0;
            for (var other = nearest - reach + 1; other <= nearest + reach; other++)
            {
                var weight = Filter((other - places[cell]) / width);
                var outside = other < 0 || other >= size;
                if (weight != 0 && !(outside && (ExcludeOutside || width > 1)))
                {
                    // Outside, the cell at the edge goes on.
                    row[(int)Math.Clamp(other, 0, size - 1)] += weight;
                    sum += weight;
                }
            }

            for (var i = 0; i < row.Length && sum != 0; i++)
            {
                row[i] /= sum;
            }
        }

        return weights;
    }

    private double Filter(double distance)
    {
        var t = Math.Abs(distance);
        if (Mode != "cubic")
        {
            return Math.Max(0, 1 - t);
        }

        return t <= 1 ? ((((CubicA + 2) * t) - (CubicA + 3)) * t * t) + 1
            : t < 2 ? ((((CubicA * t) - (5 * CubicA)) * t) + (8 * CubicA)) * t - (4 * CubicA)
            : 0;
    }
}
