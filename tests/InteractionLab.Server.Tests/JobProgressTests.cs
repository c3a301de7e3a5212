using InteractionLab.Server.Jobs;
using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests;

/// <summary>Of the cells that are computed at once the one that is committed next says how far the job is.</summary>
public sealed class JobProgressTests
{
    [Fact]
    public async Task Shares_of_later_cells_count_when_those_before_are_committed()
    {
        var clock = new Clock();
        var events = new JobEvents(clock);
        var progress = new JobProgress(Rows.Running("a", cells: 4), null!, events, clock);
        var (first, second) = (progress.Begin(), progress.Begin());
        first.Report(0);

        // A quarter of the first of four cells took half a second; what the second has done meanwhile is not counted.
        clock.Pass(250);
        second.Report(0.9);
        Assert.Null(Live().SecondsLeft);
        clock.Pass(250);
        first.Report(0.25);
        Assert.Equal((0, 7.5), (Live().Done, Live().SecondsLeft));
        second.Report(1);
        Assert.Equal(7.5, Live().SecondsLeft);

        // The first is done after two seconds: three cells are left, of which none has begun since.
        clock.Pass(1500);
        await progress.CellDoneAsync(new CellView(1, 0, "sample/0", "done", default), TestContext.Current.CancellationToken);
        Assert.Equal((1, "done", 6.0), (Live().Done, Live().Message, Live().SecondsLeft));
        clock.Pass(500);
        second.Report(0.5);
        Assert.Equal((1, 5.5), (Live().Done, Live().SecondsLeft));

        ProgressView Live() => events.Live("a")!.Progress;
    }

    [Fact]
    public async Task The_untrained_network_of_a_training_is_no_epoch()
    {
        var events = new JobEvents(TimeProvider.System);
        var row = Rows.Running("b", cells: 7);
        row.Uncounted = 1;
        Assert.Equal((0, 6), (JobView.From(row).Progress.Done, JobView.From(row).Progress.Total));
        var progress = new JobProgress(row, null!, events, TimeProvider.System);
        for (var cell = 0; cell < 7; cell++)
        {
            progress.Begin();
            await progress.CellDoneAsync(new CellView(cell + 1, cell, $"epoch/{cell}", null, default), TestContext.Current.CancellationToken);
            Assert.Equal((cell, 6), (events.Live("b")!.Progress.Done, events.Live("b")!.Progress.Total));
        }
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now;

        public void Pass(int milliseconds) => _now += milliseconds;
    }
}
