using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Benchmarks;

/// <summary>A network with a game on it: a random sample, players that are cells of an 8x8 grid, the baseline 0, and all masks.</summary>
internal sealed class MaskedGame
{
    public const int Players = 10;
    public const int Target = 0;
    private const int Grid = 8;

    /// <summary>Reads <c>shared/models/NAME.onnx</c>, or a file.</summary>
    public MaskedGame(string name)
    {
        var file = File.Exists(name) ? name : Path.Combine(RealGames.Folder() ?? throw new FileNotFoundException($"There is no file '{name}', and no folder 'shared' beside the repository."), "models", name + ".onnx");
        (Name, Onnx) = (Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file));
        Model = OnnxModel.Load(Onnx);
        Shape = [.. Model.Summary.Inputs[0].Shape.Skip(1).Select(size => (int)(size ?? 1))];
        var random = new Random(1);
        Sample = [.. Enumerable.Range(0, Shape.Aggregate(1, (product, size) => product * size)).Select(_ => (float)((random.NextDouble() * 4) - 2))];
        Layout = LayoutOf(Shape, random);
        Masks = [.. Enumerable.Range(0, 1 << Players).Select(mask => (uint)mask)];
    }

    public string Name { get; }

    public byte[] Onnx { get; }

    public OnnxModel Model { get; }

    public int[] Shape { get; }

    public float[] Sample { get; }

    public PlayerLayout Layout { get; }

    public uint[] Masks { get; }

    /// <summary>The masked samples, [masks, ...].</summary>
    public float[] Masked()
    {
        var inputs = new float[Masks.Length * Sample.Length];
        for (var row = 0; row < Masks.Length; row++)
        {
            for (var cell = 0; cell < Sample.Length; cell++)
            {
                var player = Layout.PlayerOf[cell];
                inputs[(row * Sample.Length) + cell] = player < 0 || ((Masks[row] >> player) & 1) == 1 ? Sample[cell] : 0;
            }
        }

        return inputs;
    }

    /// <summary>Log-odds of the target.</summary>
    public static double LogOdds(ReadOnlySpan<float> logits)
    {
        double most = double.NegativeInfinity, sum = 0;
        for (var k = 0; k < logits.Length; k++)
        {
            most = k == Target ? most : Math.Max(most, logits[k]);
        }

        for (var k = 0; k < logits.Length; k++)
        {
            sum += k == Target ? 0 : Math.Exp(logits[k] - most);
        }

        return logits[Target] - most - Math.Log(sum);
    }

    /// <summary>
    /// Random cells of an 8x8 grid over the last two of three dimensions, or of 64 equal parts of the first of two (tokens);
    /// the other cells keep their value.
    /// </summary>
    public static PlayerLayout LayoutOf(IReadOnlyList<int> shape, Random random)
    {
        const int Parts = Grid * Grid;
        var chosen = Enumerable.Range(0, Parts).OrderBy(_ => random.Next()).Take(Players).Order().ToList();
        var (height, width) = (shape[^2], shape[^1]);
        return new PlayerLayout(Players, [.. Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size)).Select(cell =>
        {
            var part = shape.Count == 2 ? cell / width * Parts / height : (cell / width % height * Grid / height * Grid) + (cell % width * Grid / width);
            return chosen.IndexOf(part) is >= 0 and var player ? player : PlayerLayout.Keep;
        })]);
    }
}
