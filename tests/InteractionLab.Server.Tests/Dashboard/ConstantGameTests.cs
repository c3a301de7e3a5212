using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;
using InteractionLab.Server.Components.Charts;
using InteractionLab.Server.Components.Results;

namespace InteractionLab.Server.Tests.Dashboard;

/// <summary>A flat line is not called a rise, and nothing is drawn where there is nothing.</summary>
public sealed class ConstantGameTests
{
    [Fact]
    public void A_constant_output_is_said_to_be_one()
    {
        var flat = new SparsityConditions(0, true, [0, 0, 0], null);
        Assert.Equal("The output does not depend on the players.", SparsityWords.Of(flat, [Game()]));
        Assert.NotNull(ResultCharts.Sparsity(flat).Empty);
        Assert.NotNull(ResultCharts.Orders([new(1, 0, 0), new(2, 0, 0)]).Empty);
        Assert.NotNull(ResultCharts.StrengthCurve([], 0).Empty);
    }

    [Fact]
    public void An_output_that_depends_on_who_is_there_and_not_on_how_many_is_not_called_constant()
    {
        var words = SparsityWords.Of(new(1, true, [0, 1e-15, 0], null), [Game(new TopInteraction(InteractionType.And, [0], 1, true))]);
        Assert.Contains("is the same whatever the number of players", words, StringComparison.Ordinal);
        Assert.DoesNotContain("rises", words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rise_is_called_one_and_drawn()
    {
        var rise = new SparsityConditions(2, true, [0, 0.5, 1], 1);
        Assert.Equal("Highest salient order 2; mean output rises with every player; bound holds with p = 1.", SparsityWords.Of(rise, [Game(new TopInteraction(InteractionType.And, [0], 1, true))]));
        Assert.Null(ResultCharts.Sparsity(rise).Empty);
        Assert.Null(ResultCharts.Orders([new(1, 0, -1)]).Empty);
    }

    [Theory]
    [InlineData("age", "age")]
    [InlineData("capital_gains1", "capital_gains1")]
    [InlineData("capital_run_length_longest", "capita…longest")]
    [InlineData("capital_run_length_average", "capita…average")]
    public void Names_of_columns_stay_apart_in_the_graph(string name, string shown) => Assert.Equal(shown, LogicalGraph.Short(name));

    private static ReportedGame Game(params TopInteraction[] top) => new()
    {
        Index = 0,
        Players = [0, 1],
        VEmpty = 1,
        VFull = 1,
        Objective = 0,
        LowerBound = 0,
        Gap = 0,
        HalfL1 = 0,
        MatchError = 0,
        Iterations = 0,
        Converged = true,
        Threshold = 0,
        SalientAnd = 0,
        SalientOr = 0,
        Top = top,
        Fidelity = new Fidelity(0, 1),
        Orders = [],
    };
}
