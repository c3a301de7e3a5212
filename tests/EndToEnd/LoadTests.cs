using System.Text.Json.Nodes;

namespace InteractionLab.EndToEnd;

/// <summary>Many jobs and many watchers at once.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task FiftyJobsQueuedAtOnceAllFinish()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await LabProcess.StartAsync(folder.Path);
        var (model, dataset) = await RealModels.AddCifarAsync(lab.Client);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
        {
            var spec = RealModels.MaskedSamples(model, dataset, 2, players: 5);
            spec["players"]!["seed"] = i;
            return lab.Client.SubmitAsync("masked-samples", spec);
        }));
        Assert.Equal(50, jobs.Distinct().Count());
        foreach (var job in jobs)
        {
            await lab.Client.WaitAsync(job);
        }
    }

    [Fact]
    public async Task TwoWatchersSeeTheSameCellsAndTheEnd()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await LabProcess.StartAsync(folder.Path);
        var (model, dataset) = await RealModels.AddCifarAsync(lab.Client);
        var job = await lab.Client.SubmitAsync("masked-samples", RealModels.MaskedSamples(model, dataset, 12, players: 8));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var seen = await Task.WhenAll(EventStream.ReadAsync(lab.Client, job, limit.Token), EventStream.ReadAsync(lab.Client, job, limit.Token));
        foreach (var events in seen)
        {
            Assert.NotEmpty(events);
            Assert.Equal("state", events[^1].Type);
            Assert.Equal("succeeded", (string?)events[^1].Data["state"]);
        }

        var cells = seen.Select(events => events.Where(e => e.Type == "cell").Select(e => (int)e.Data["index"]!).Distinct().Order().ToArray()).ToArray();
        Assert.Equal(Enumerable.Range(0, 12), cells[0]);
        Assert.Equal(cells[0], cells[1]);
    }
}
