using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Experiments.Macro;

/// <summary>Which test a cell belongs to.</summary>
internal enum MacroTest
{
    Structure,
    FitTrain,
    FitTest,
    Robustness,
}

/// <summary>One cell: a model, a test and a block of samples.</summary>
internal sealed record MacroCell(int Model, MacroTest Test, int Block)
{
    /// <summary>A stable key.</summary>
    public string Key => FormattableString.Invariant($"model/{Model}/{Test.ToString().ToLowerInvariant()}/{Block}");
}

/// <summary>A job laid out.</summary>
/// <param name="Spec">The spec with its defaults.</param>
/// <param name="Networks">How many models there are.</param>
/// <param name="Models">The models; none for a job that is only estimated.</param>
/// <param name="Test">Dataset of the test samples.</param>
/// <param name="TestSamples">Their indices.</param>
/// <param name="Train">Dataset of the training samples, where fitting is tested.</param>
/// <param name="TrainSamples">Their indices.</param>
internal sealed record MacroWork(MacroSpec Spec, int Networks, IReadOnlyList<CatalogModel> Models, CatalogDataset Test, int[] TestSamples, CatalogDataset? Train, int[] TrainSamples)
{
    /// <summary>Samples of a block.</summary>
    public const int BlockSize = 500;

    /// <summary>How the models' outputs are taken.</summary>
    public OutputAsk Ask { get; } = ModelReadings.Ask(Spec, Test.Summary);

    /// <summary>What the reader of the result should know of outputs and data.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The cells.</summary>
    public IReadOnlyList<MacroCell> Cells { get; } = [.. Enumerable.Range(0, Networks).SelectMany(model => CellsOf(model, Spec, TestSamples.Length, TrainSamples.Length))];

    /// <summary>The work in forward passes: a gradient counts as three.</summary>
    public long Passes => Cells.Sum(PassesOf);

    /// <summary>The samples of a cell.</summary>
    public int[] SamplesOf(MacroCell cell) =>
        [.. (cell.Test == MacroTest.FitTrain ? TrainSamples : TestSamples).Skip(cell.Block * BlockSize).Take(BlockSize)];

    /// <summary>The work of a cell.</summary>
    public long PassesOf(MacroCell cell)
    {
        var samples = SamplesOf(cell).LongLength;
        return cell.Test switch
        {
            MacroTest.Structure => 2 * samples * Spec.Structure!.Ratios.Count,
            MacroTest.Robustness => samples * (2 + (3L * Spec.Robustness!.Steps)),
            _ => samples,
        };
    }

    /// <summary>Patches in the order in which surrounding masking takes them: farthest from the middle first.</summary>
    public static int[] FromOutside(int rows, int columns) =>
    [
        .. Enumerable.Range(0, rows * columns)
            .OrderByDescending(patch => Math.Max(Distance(patch / columns, rows), Distance(patch % columns, columns)))
            .ThenByDescending(patch => Distance(patch / columns, rows) + Distance(patch % columns, columns))
            .ThenBy(patch => patch),
    ];

    // In halves of the side, so that grids of other proportions are treated alike.
    private static double Distance(int place, int side) => Math.Abs(((2.0 * place) + 1) / side - 1);

    private static IEnumerable<MacroCell> CellsOf(int model, MacroSpec spec, int test, int train)
    {
        (MacroTest Test, int Samples)[] tests =
        [
            .. spec.Structure is null ? [] : new[] { (MacroTest.Structure, test) },
            .. spec.Fit is null ? [] : new[] { (MacroTest.FitTrain, train), (MacroTest.FitTest, test) },
            .. spec.Robustness is null ? [] : new[] { (MacroTest.Robustness, test) },
        ];
        return tests.SelectMany(part => Enumerable.Range(0, (part.Samples + BlockSize - 1) / BlockSize).Select(block => new MacroCell(model, part.Test, block)));
    }
}
