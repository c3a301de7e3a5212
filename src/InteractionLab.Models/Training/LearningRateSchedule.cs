namespace InteractionLab.Models.Training;

/// <summary>
/// The learning rate of every step of one training run: the closed forms of PyTorch's StepLR, CosineAnnealingLR (stepped
/// once an epoch) and OneCycleLR (stepped once a step, cosine annealing, two phases, momentum left alone).
/// </summary>
/// <param name="settings">The shape.</param>
/// <param name="learningRate">The optimizer's rate.</param>
/// <param name="epochs">Epochs of the run.</param>
/// <param name="stepsPerEpoch">Steps of one epoch.</param>
internal sealed class LearningRateSchedule(ScheduleSettings settings, double learningRate, int epochs, int stepsPerEpoch)
{
    /// <summary>The rate of a step.</summary>
    /// <param name="epoch">0..epochs-1.</param>
    /// <param name="step">0..stepsPerEpoch-1, within the epoch.</param>
    public double At(int epoch, int step) => settings.Type switch
    {
        ScheduleKind.Constant => learningRate,
        ScheduleKind.Step => learningRate * Math.Pow(settings.Gamma, epoch / settings.Every),
        ScheduleKind.Cosine => settings.Minimum + ((learningRate - settings.Minimum) * (1 + Math.Cos(Math.PI * epoch / epochs)) / 2),
        ScheduleKind.OneCycle => OneCycle(((long)epoch * stepsPerEpoch) + step),
        _ => throw new ArgumentOutOfRangeException(nameof(epoch), settings.Type, "There is no such schedule."),
    };

    private double OneCycle(long step)
    {
        var total = (double)epochs * stepsPerEpoch;
        var start = learningRate / settings.StartDivisor;
        // The peak lies at a whole number of steps only by chance; the two arcs meet there all the same.
        var peak = (settings.Rise * total) - 1;
        var last = total - 1;
        return step <= peak && peak > 0
            ? Arc(start, learningRate, step / peak)
            : Arc(learningRate, start / settings.EndDivisor, last > peak ? (step - peak) / (last - peak) : 1);
    }

    private static double Arc(double from, double to, double share) => to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * share)));
}
