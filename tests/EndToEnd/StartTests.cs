using System.Net;
using System.Net.NetworkInformation;
using System.Text.Json.Nodes;

namespace InteractionLab.EndToEnd;

/// <summary>How the real process starts, and how it refuses to.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task ListensOnLoopbackAloneAndAnswers()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await LabProcess.StartAsync(folder.Path);
        using var alive = await lab.Client.Http.GetAsync(new Uri("/alive", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(e => e.Port == lab.Address.Port).ToList();
        Assert.NotEmpty(listeners);
        Assert.All(listeners, e => Assert.True(IPAddress.IsLoopback(e.Address), $"listens on {e.Address}"));
    }

    [Fact]
    public async Task ASecondServerOnTheSameDataIsRefusedAndAKilledOneLeavesNoLock()
    {
        using var folder = new TemporaryFolder();
        await using (var first = await LabProcess.StartAsync(folder.Path))
        {
            var (code, output) = await LabProcess.RunToEndAsync(folder.Path);
            Assert.NotEqual(0, code);
            Assert.Contains("data", output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
            await first.KillAsync();
        }

        await using var again = await LabProcess.StartAsync(folder.Path);
        Assert.Equal("ok", (string?)(await again.Client.GetAsync("/health"))["status"], ignoreCase: true);
    }

    [Theory]
    [InlineData("--Lab:MaxForwardPasses", "-3", "MaxForwardPasses")]
    [InlineData("--Lab:ParalelJobs", "2", "no setting 'ParalelJobs'")]
    [InlineData("--urls", "nonsense", "urls")]
    public async Task AWrongOptionIsNamedWithoutAStackTrace(string option, string value, string named)
    {
        using var folder = new TemporaryFolder();
        var (code, output) = await LabProcess.RunToEndAsync(folder.Path, option, value);
        Assert.NotEqual(0, code);
        Assert.Contains(named, output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATrainingOfARegisteredModelMayBeTheFirstThingAsked()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await LabProcess.StartAsync(folder.Path);
        var (model, dataset) = await RealModels.AddCifarAsync(lab.Client);
        var rows = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = 0, ["to"] = 16 } };
        var estimate = await lab.Client.PostAsync("/api/v1/jobs/estimate", new JsonObject
        {
            ["kind"] = "training",
            ["spec"] = new JsonObject { ["model"] = model, ["train"] = rows.DeepClone(), ["test"] = rows, ["epochs"] = 1, ["batchSize"] = 8, ["device"] = "cpu" },
        });
        Assert.True((long)estimate["forwardPasses"]! > 0);
        Assert.DoesNotContain("native", lab.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task ParallelJobsShareTheProcessors()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await LabProcess.StartAsync(folder.Path, "--Lab:ParallelJobs", "2", "--Lab:GpuMemoryBytes", "1073741824");
        var limits = (await lab.Client.GetAsync("/api/v1/system"))["limits"]!;
        Assert.Equal(Math.Max(1, (int)limits["processors"]! / 2), (int)limits["threads"]!);
        Assert.Equal(1L << 30, (long)limits["gpuMemoryBytes"]!);
    }
}
