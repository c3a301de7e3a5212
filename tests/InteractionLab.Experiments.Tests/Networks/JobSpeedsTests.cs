using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Tests.Networks;

/// <summary>A job runs as many rows at once as when it began, whatever the lab learns meanwhile.</summary>
public sealed class JobSpeedsTests
{
    private const string Spec = """{"model": "net", "dataset": "pictures", "samples": {"from": 0, "to": 4}, "players": {"type": "grid", "rows": 2, "columns": 2}, "value": {"type": "log-odds", "target": 1}, "device": "cpu"}""";
    private static readonly string Key = new('a', 64);

    [Fact]
    public void What_a_job_found_first_holds_for_its_later_attempts()
    {
        var folder = Directory.CreateTempSubdirectory("lab-speeds-");
        try
        {
            var shared = new SpeedMemory();
            var first = new JobSpeeds(shared, folder.FullName);
            Assert.Null(first.Find(Key));
            shared.Keep(Key, new SpeedMeasurement(16, 0.001));
            Assert.Equal(16, first.Find(Key)!.Rows);
            shared.Keep(Key, new SpeedMeasurement(64, 0.0005));
            Assert.Equal(new SpeedMeasurement(16, 0.001), new JobSpeeds(shared, folder.FullName).Find(Key));

            // Only the job itself lowers its rows, for others too.
            first.Keep(Key, new SpeedMeasurement(8, 0.001, Lowered: true));
            Assert.Equal(8, new JobSpeeds(shared, folder.FullName).Find(Key)!.Rows);
            Assert.True(shared.Find(Key)!.Lowered);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_resumed_job_runs_the_rows_it_began_with()
    {
        using var lab = Lab.Tiny();
        lab.Speed = new Always(3);
        var whole = await Job.Run(lab, "masked-samples", Spec);

        using var other = Lab.Tiny();
        other.Speed = new Always(3);
        var resumed = await Job.Plan(other, "masked-samples", Spec);
        await resumed.Run([0, 1]);
        other.Speed = new Always(5);
        await resumed.Run([2, 3]);
        Assert.Equal(await whole.Everything(), await resumed.Everything());

        // Outputs bear the rows in their name: those of 3 at once are found again, those of 5 are others.
        Assert.Equal((0L, 4L * 17), await Passes(other, 3));
        Assert.Equal((4L * 16, 4L), await Passes(other, 5));
    }

    [Fact]
    public async Task Rows_are_measured_once_for_all_jobs()
    {
        using var lab = Lab.Tiny();
        var counted = new Counted();
        lab.Speed = counted;
        await Job.Run(lab, "masked-samples", Spec);
        Assert.Equal(1, counted.Kept);
        await Job.Run(lab, "masked-samples", Spec.Replace("\"to\": 4", "\"to\": 6", StringComparison.Ordinal));
        Assert.Equal(1, counted.Kept);
    }

    private static async Task<(long Made, long Saved)> Passes(Lab lab, int rows)
    {
        lab.Speed = new Always(rows);
        var result = await (await Job.Run(lab, "masked-samples", Spec)).Result<MaskedSamplesResult>();
        return (result.ForwardPasses, result.SavedPasses);
    }

    private sealed class Always(int rows) : ISpeedMemory
    {
        public SpeedMeasurement? Find(string key) => new(rows, 0.001);

        public void Keep(string key, SpeedMeasurement measurement) => Assert.Fail("Nothing is to be measured.");
    }

    private sealed class Counted : ISpeedMemory
    {
        private readonly SpeedMemory _memory = new();

        public int Kept { get; private set; }

        public SpeedMeasurement? Find(string key) => _memory.Find(key);

        public void Keep(string key, SpeedMeasurement measurement)
        {
            Kept++;
            _memory.Keep(key, measurement);
        }
    }
}
