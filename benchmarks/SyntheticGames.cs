namespace InteractionLab.Benchmarks;

/// <summary>Games of a small random ReLU network (two hidden layers, seeded), for machines without <c>shared/</c>.</summary>
internal static class SyntheticGames
{
    private const int Width = 24;

    public static double[][] Create(int players, int count, int seed)
    {
        var games = new double[count][];
        for (var i = 0; i < count; i++)
        {
            var random = new Random((1000 * seed) + i);
            var first = Matrix(random, Width, players);
            var second = Matrix(random, Width, Width);
            var last = Matrix(random, 1, Width);
            var v = new double[1 << players];
            var input = new double[players];
            for (var mask = 0; mask < v.Length; mask++)
            {
                for (var player = 0; player < players; player++)
                {
                    input[player] = mask >> player & 1;
                }

                v[mask] = Layer(last, Layer(second, Layer(first, input, true), true), false)[0];
            }

            games[i] = v;
        }

        return games;
    }

    private static double[][] Matrix(Random random, int rows, int columns) =>
        [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns + 1).Select(_ => ((2 * random.NextDouble()) - 1) / Math.Sqrt(columns)).ToArray())];

    private static double[] Layer(double[][] weights, double[] input, bool rectify)
    {
        var output = new double[weights.Length];
        for (var row = 0; row < output.Length; row++)
        {
            var sum = weights[row][^1];
            for (var column = 0; column < input.Length; column++)
            {
                sum += weights[row][column] * input[column];
            }

            output[row] = rectify ? Math.Max(0, sum) : sum;
        }

        return output;
    }
}
