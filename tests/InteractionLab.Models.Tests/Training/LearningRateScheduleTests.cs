using InteractionLab.Models.Training;

namespace InteractionLab.Models.Tests.Training;

/// <summary>Learning rates against those that PyTorch 1.13's schedulers print (StepLR(2, 0.3), CosineAnnealingLR(5, 0.01), OneCycleLR(0.4, 12 steps)).</summary>
public sealed class LearningRateScheduleTests
{
    private const double Rate = 0.4;

    public static TheoryData<ScheduleSettings, int, int, double[]> Printed => new()
    {
        { new() { Type = ScheduleKind.Step, Every = 2, Gamma = 0.3 }, 5, 1, [0.4, 0.4, 0.12, 0.12, 0.036] },
        { new() { Type = ScheduleKind.Cosine, Minimum = 0.01 }, 5, 1, [0.4, 0.36275831390311475, 0.2652583139031147, 0.14474168609688523, 0.047241686096885255] },
        {
            new() { Type = ScheduleKind.OneCycle }, 3, 4,
            [0.016, 0.1399158616878332, 0.3517140636488515, 0.39776617418036475, 0.3732051879365647, 0.3246982615799052, 0.25895159907804133, 0.18505484106679002, 0.11322439928347969, 0.05339101207553224, 0.01382679497015809, 1.6e-06]
        },
    };

    [Theory]
    [MemberData(nameof(Printed))]
    public void Rates_are_those_of_PyTorch(ScheduleSettings settings, int epochs, int steps, double[] expected)
    {
        var schedule = new LearningRateSchedule(settings, Rate, epochs, steps);
        var rates = Enumerable.Range(0, epochs * steps).Select(step => schedule.At(step / steps, step % steps)).ToArray();
        Assert.All(rates.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-14));
    }

    [Fact]
    public void Step_and_cosine_hold_through_an_epoch()
    {
        foreach (var type in new[] { ScheduleKind.Constant, ScheduleKind.Step, ScheduleKind.Cosine })
        {
            var schedule = new LearningRateSchedule(new() { Type = type }, Rate, 4, 10);
            Assert.All(Enumerable.Range(0, 4), epoch => Assert.Equal(schedule.At(epoch, 0), schedule.At(epoch, 9)));
            Assert.Equal(Rate, schedule.At(0, 0));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 5)]
    public void One_cycle_of_few_steps_stays_within_its_ends(int epochs, int steps)
    {
        foreach (var rise in new[] { 0.05, 0.2, 0.5, 0.9 })
        {
            var schedule = new LearningRateSchedule(new() { Type = ScheduleKind.OneCycle, Rise = rise }, Rate, epochs, steps);
            Assert.All(Enumerable.Range(0, epochs * steps), step => Assert.InRange(schedule.At(step / steps, step % steps), 1e-6, Rate));
        }
    }
}
