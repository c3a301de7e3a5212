using InteractionLab.Experiments;
using InteractionLab.Models.Execution;
using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.Extensions.Logging;

namespace InteractionLab.Server.Tests;

/// <summary>Measured speeds outlive a server, and a damaged file is as good as none.</summary>
public sealed class SpeedFileTests : IDisposable
{
    private readonly string _root = LabServer.NewFolder();
    private readonly DataDirectory _data;

    public SpeedFileTests() => _data = new DataDirectory(_root);

    public void Dispose()
    {
        _data.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void What_was_measured_is_known_to_the_next_server()
    {
        using (var first = Open(out _))
        {
            first.Rates.Record("rows", 4, TimeSpan.FromSeconds(2));
            first.Rates.Keep("solve", new Rate(0.25, RateSource.Calibrated));
            ((ISpeedMemory)first.Rates).Keep(new string('a', 64), new SpeedMeasurement(32, 0.001, Lowered: true));
            first.Save();
        }

        using var next = Open(out var log);
        Assert.Equal(new Rate(0.5, RateSource.Worked), next.Rates.Find("rows"));
        Assert.Equal(new Rate(0.25, RateSource.Calibrated), next.Rates.Find("solve"));
        Assert.Equal(new SpeedMeasurement(32, 0.001, true), ((ISpeedMemory)next.Rates).Find(new string('a', 64)));
        Assert.Empty(log.Lines);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_data.Temporary));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"version": 1, "machine": 5}""")]
    [InlineData("null")]
    [InlineData("""{"version": 1, "machine": "another 1", "rates": {"rows": {"secondsPerUnit": 1, "source": "worked"}}}""")]
    public void A_file_that_cannot_be_used_counts_as_empty_and_is_replaced(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_data.Speeds)!);
        File.WriteAllText(_data.Speeds, text);
        using (var speeds = Open(out var log))
        {
            Assert.Null(speeds.Rates.Find("rows"));
            Assert.Equal(text.StartsWith("no", StringComparison.Ordinal) || text.Contains('5'), log.Lines.Count > 0);
            speeds.Rates.Record("rows", 1, TimeSpan.FromSeconds(3));
            speeds.Save();
        }

        using var next = Open(out _);
        Assert.Equal(3, next.Rates.Find("rows")!.SecondsPerUnit);
    }

    [Theory]
    [InlineData("""{"secondsPerUnit": 1e308, "source": "worked"}""")]
    [InlineData("""{"secondsPerUnit": -1, "source": "worked"}""")]
    [InlineData("""{"secondsPerUnit": 0.1, "source": "worked", "rows": 1000000000}""")]
    [InlineData("""{"secondsPerUnit": 0.1, "source": "worked", "rows": 0}""")]
    [InlineData("null")]
    public void A_rate_that_nobody_can_have_measured_is_left_out(string rate)
    {
        using (var first = Open(out _))
        {
            first.Rates.Record("rows", 10, TimeSpan.FromSeconds(5));
            first.Save();
        }

        File.WriteAllText(_data.Speeds, File.ReadAllText(_data.Speeds).Replace("\"rates\":{", $"\"rates\":{{\"odd\":{rate},", StringComparison.Ordinal));
        using var next = Open(out var log);
        Assert.Null(next.Rates.Find("odd"));
        Assert.Equal(0.5, next.Rates.Find("rows")!.SecondsPerUnit);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public void A_file_deleted_meanwhile_is_written_again()
    {
        using var speeds = Open(out _);
        speeds.Rates.Record("rows", 1, TimeSpan.FromSeconds(3));
        speeds.Save();
        Directory.Delete(Path.GetDirectoryName(_data.Speeds)!, recursive: true);
        speeds.Rates.Record("rows", 1, TimeSpan.FromSeconds(3));
        speeds.Save();
        Assert.True(File.Exists(_data.Speeds));
    }

    private SpeedFile Open(out LinesOfLog log) => new(_data, TimeProvider.System, log = new LinesOfLog());

    private sealed class LinesOfLog : ILogger<SpeedFile>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
