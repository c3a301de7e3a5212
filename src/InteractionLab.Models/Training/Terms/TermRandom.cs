using InteractionLab.Interactions;

namespace InteractionLab.Models.Training.Terms;

/// <summary>Random numbers of loss terms: they follow from the run's seed and the step.</summary>
internal static class TermRandom
{
    // Apart from the seed of the order of samples and of dropout.
    private const long Apart = 0x5445524D;

    /// <summary>The generator of one term in one step.</summary>
    public static PortableRandom Of(TrainingStep step, int term)
    {
        var epoch = new PortableRandom(step.Seed ^ Apart, ((long)step.Epoch << 8) + term);
        return new PortableRandom(unchecked((long)epoch.Next()), step.Number);
    }
}
