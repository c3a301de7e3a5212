using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Tests.Speeds;

/// <summary>What is remembered of how long work takes.</summary>
public sealed class RateMemoryTests
{
    private readonly RateMemory _rates = new();

    [Fact]
    public void Jobs_outweigh_calibrations_and_newer_work_outweighs_older()
    {
        _rates.Keep("rows", new Rate(5, RateSource.Disturbed));
        _rates.Keep("rows", new Rate(3, RateSource.Calibrated));
        _rates.Keep("rows", new Rate(9, RateSource.Disturbed));
        Assert.Equal(3, _rates.Find("rows")!.SecondsPerUnit);
        _rates.Record("rows", 2, TimeSpan.FromSeconds(2));
        Assert.Equal(new Rate(1, RateSource.Worked), _rates.Find("rows"));
        _rates.Keep("rows", new Rate(9, RateSource.Calibrated));
        _rates.Record("rows", 1, TimeSpan.FromSeconds(2));
        Assert.Equal(1.2, _rates.Find("rows")!.SecondsPerUnit, 1e-12);
    }

    [Fact]
    public void What_is_no_rate_is_not_kept()
    {
        _rates.Record("none", 0, TimeSpan.FromSeconds(1));
        _rates.Keep("none", new Rate(double.NaN, RateSource.Worked));
        _rates.Keep("none", new Rate(-1, RateSource.Worked));
        Assert.Null(_rates.Find("none"));
        Assert.Equal(0, _rates.Version);
    }

    [Fact]
    public void Of_too_many_the_one_used_longest_ago_goes()
    {
        for (var k = 0; k < RateMemory.MostKeys; k++)
        {
            _rates.Record($"work {k}", 1, TimeSpan.FromSeconds(k));
        }

        Assert.NotNull(_rates.Find("work 0"));
        _rates.Record("one more", 1, TimeSpan.FromSeconds(1));
        Assert.NotNull(_rates.Find("work 0"));
        Assert.Null(_rates.Find("work 1"));
        Assert.Equal(RateMemory.MostKeys, _rates.Snapshot().Count);
    }

    [Fact]
    public void Measured_batch_sizes_are_kept_beside_the_rates()
    {
        ISpeedMemory speeds = _rates;
        var key = new string('a', 64);
        Assert.Null(speeds.Find(key));
        speeds.Keep(key, new SpeedMeasurement(32, 0.001));
        speeds.Keep(key, new SpeedMeasurement(16, 0.002, Lowered: true));
        Assert.Equal(new SpeedMeasurement(16, 0.002, true), speeds.Find(key));
        Assert.Null(_rates.Find(key));
    }
}
