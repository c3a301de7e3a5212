using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.ModulationStudy;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.Tests.ModulationStudy;

/// <summary>Words, ties and agreement of Table II, from numbers made up for the purpose.</summary>
public sealed class CapabilityTests
{
    // The first column of the paper's Table IV, census, five layers.
    private static readonly double[] Paper = [0.3822, 0.4240, 0.1593, 0.0731];

    [Fact]
    public void The_papers_own_numbers_give_the_papers_words()
    {
        var cells = Robustness(VariantSpec.Paper, [.. Paper.Select(value => new[] { value })]);
        Assert.Equal([CapabilityWord.Medium, CapabilityWord.High, CapabilityWord.Medium, CapabilityWord.Low], cells.Select(cell => cell.Word!.Value));
        Assert.Equal([2, 1, 3, 4], cells.Select(cell => cell.Rank!.Value));
        Assert.All(cells, cell => Assert.True(cell.Agrees));
        Assert.All(cells, cell => Assert.Empty(cell.TiedWith));
    }

    [Fact]
    public void Fitting_is_strong_where_the_loss_is_low()
    {
        var fits = new[] { 0.2, 0.4, 0.3, 0.1 }.Select(loss => (IReadOnlyList<MacroModel?>)[Test(fit: new FitResult(loss, loss + (loss < 0.15 ? 0.3 : 0.1), loss < 0.15 ? 0.3 : 0.1, 0, 0))]).ToArray();
        var table = Table(VariantSpec.Paper, fits);
        Assert.Equal([CapabilityWord.Medium, CapabilityWord.Low, CapabilityWord.Medium, CapabilityWord.High], table.Rows.Select(row => row.Fitting!.Word!.Value));
        Assert.All(table.Rows, row => Assert.True(row.Fitting!.Agrees));

        // Three equal gaps: the paper's words are all possible, and none but the last is settled.
        Assert.Equal([null, null, null, true], table.Rows.Select(row => row.Generalization!.Agrees));
        Assert.Equal([1, 1, 1, 4], table.Rows.Select(row => row.Generalization!.Rank!.Value));
        Assert.Equal(["low", "mid"], table.Rows[0].Generalization!.TiedWith);
    }

    [Fact]
    public void Numbers_nearer_than_their_error_are_tied_and_leave_the_word_open()
    {
        // Seed by seed, high is 0.01 above low, with an error of the difference that 0.01 is not clear of; the others are far off.
        var cells = Robustness(VariantSpec.Paper, [[0.30, 0.31, 0.30], [0.500, 0.520, 0.510], [0.10, 0.11, 0.10], [0.515, 0.520, 0.525]]);
        Assert.Equal(["high"], cells[1].TiedWith);
        Assert.Equal(["low"], cells[3].TiedWith);
        Assert.Equal([2, 1], new[] { cells[1].Rank!.Value, cells[3].Rank!.Value });
        Assert.Equal([CapabilityWord.Medium, CapabilityWord.High], cells[1].Words);
        Assert.Null(cells[1].Agrees);
        Assert.False(cells[3].Agrees);
        Assert.False(cells[2].Agrees);
        Assert.True(cells[0].Agrees);

        // The same distance with a spread that both have in common is no tie: seeds are paired.
        var paired = Robustness(VariantSpec.Paper, [[0.30, 0.31, 0.30], [0.40, 0.60, 0.50], [0.10, 0.11, 0.10], [0.45, 0.65, 0.55]]);
        Assert.DoesNotContain("high", paired[1].TiedWith);
        Assert.True(paired[1].StandardError > 0.05);
    }

    [Fact]
    public void A_number_that_is_none_leaves_the_column_without_words()
    {
        var cells = Robustness(VariantSpec.Paper, [[0.3], [double.NaN], [0.1], [0.2]]);
        Assert.All(cells, cell => Assert.Null(cell.Word));
        Assert.Equal([0.3, null, 0.1, 0.2], cells.Select(cell => cell.Value));
    }

    [Fact]
    public void Nothing_is_expected_of_variants_that_the_paper_has_not()
    {
        VariantSpec[] own = [VariantSpec.Paper[0], new VariantSpec("some", [new Modulation(ModulationKind.Suppress, 0.2, 0.4, 1)]), VariantSpec.Paper[1]];
        Assert.All(Robustness(own, [[0.1], [0.2], [0.3]]), cell => Assert.Null(cell.Expected));
    }

    [Fact]
    public void A_preset_is_known_by_its_ranges_whatever_its_weight()
    {
        Assert.Equal(ModulationPreset.High, new VariantSpec("x", [new Modulation(ModulationKind.Suppress, 0, 0.5, 3)]).Preset);
        Assert.Null(new VariantSpec("x", [new Modulation(ModulationKind.Suppress, 0, 0.5, 0)]).Preset);
        Assert.Null(new VariantSpec("x", [new Modulation(ModulationKind.Encourage, 0, 0.5, 1)]).Preset);
        Assert.Equal(ModulationPreset.Normal, new VariantSpec("x", []).Preset);
    }

    [Theory]
    [InlineData(2, "HL")]
    [InlineData(3, "HML")]
    [InlineData(4, "HMML")]
    [InlineData(5, "HHMLL")]
    [InlineData(8, "HHHMMLLL")]
    public void A_third_of_the_variants_is_high_and_a_third_low(int variants, string words) =>
        Assert.Equal(words, string.Concat(Enumerable.Range(1, variants).Select(rank => CapabilityReport.WordOf(rank, variants).ToString()[0])));

    [Theory]
    [InlineData(0, 12, "Low")]
    [InlineData(3, 12, "Low")]
    [InlineData(1, 5, "Middle")]
    [InlineData(2, 5, "Middle")]
    [InlineData(7, 12, "High")]
    [InlineData(0, 2, "Low")]
    public void Thirds_of_the_orders(int order, int players, string third) => Assert.Equal(third, ProfileThirds.Of(order, players).ToString());

    private static CapabilityCell[] Robustness(IReadOnlyList<VariantSpec> variants, double[][] accuracies) =>
        [.. Table(variants, [.. accuracies.Select(seeds => (IReadOnlyList<MacroModel?>)[.. seeds.Select(value => Test(attacked: value))])]).Rows.Select(row => row.Robustness!)];

    private static CapabilityTable Table(IReadOnlyList<VariantSpec> variants, IReadOnlyList<IReadOnlyList<MacroModel?>> tests) =>
        CapabilityReport.Build(variants, tests, [.. variants.Select(_ => Array.Empty<TrainedNetwork?>())], _ => true);

    private static MacroModel Test(FitResult? fit = null, double? attacked = null) =>
        new("m", "m", null, fit, attacked is { } value ? new RobustnessResult(0.8, value, 100) : null);
}
