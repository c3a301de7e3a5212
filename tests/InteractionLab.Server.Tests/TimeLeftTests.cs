using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Tests;

/// <summary>The time left comes from finished cells; a share that is 1 before the solver starts does not end the job.</summary>
public sealed class TimeLeftTests
{
    [Theory]
    [InlineData(20, 0, 2, 3, 0, 30)]
    [InlineData(20, 4, 2, 3, 0.9, 26)]
    [InlineData(20, 4, 2, 3, 1, 26)]
    [InlineData(20, 60, 2, 1, 1, 1)]
    public void Finished_cells_decide(double past, double current, int finished, int left, double share, double seconds) =>
        Assert.Equal(seconds, TimeLeft.Expect(past, current, finished, 0, left, share)!.Value, 1e-9);

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void Nothing_is_known_before_the_first_cell_has_a_share(double share) => Assert.Null(TimeLeft.Expect(0, 5, 0, 0, 3, share));

    [Fact]
    public void The_share_of_the_first_cell_is_used_below_one() => Assert.Equal(50, TimeLeft.Expect(0, 10, 0, 0, 3, 0.5)!.Value, 1e-9);

    [Fact]
    public void What_was_done_when_the_clock_started_is_not_counted_as_speed()
    {
        // A tenth was done at the start, five tenths ten seconds later: a cell takes 25 seconds, and two and a half are left.
        Assert.Equal(62.5, TimeLeft.Expect(0, 10, 0, 0.1, 3, 0.5)!.Value, 1e-9);
        Assert.Null(TimeLeft.Expect(0, 10, 0, 0.1, 3, 0.1));

        // 1.9 cells in 38 seconds.
        Assert.Equal(60, TimeLeft.Expect(38, 0, 2, 0.1, 3, 0)!.Value, 1e-9);
    }

    [Fact]
    public void It_is_never_0_while_a_cell_is_unfinished()
    {
        Assert.True(TimeLeft.Expect(1e-6, 5, 3, 0, 1, 1) > 0);
        Assert.True(TimeLeft.Expect(0, 1e-6, 0, 0, 1, 0.999) > 0);
        Assert.Equal(0, TimeLeft.Expect(9, 0, 3, 0, 0, 0));
    }
}
