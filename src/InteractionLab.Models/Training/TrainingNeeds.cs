using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Training;

/// <summary>What a network asks of its training, found before any is begun.</summary>
/// <param name="WhyNot">Why it cannot be trained at all; null where it can.</param>
/// <param name="Normalisation">A batch normalisation that has one value a channel for a batch of one sample; null where there is none.</param>
public sealed record TrainingNeeds(string? WhyNot, string? Normalisation)
{
    /// <summary>Runs a network on two samples of zeros.</summary>
    /// <param name="model">Reads the network.</param>
    /// <param name="sampleShape">Shape of one sample.</param>
    public static TrainingNeeds Of(Func<OnnxModel> model, IReadOnlyList<int> sampleShape)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sampleShape);
        try
        {
            using var network = TrainingNetwork.Open(model(), sampleShape, DeviceKind.Cpu, []);
            _ = TrainableWeights.Of(network);
            return network.NormalisesOneValue(sampleShape, 2) is { } never
                ? new TrainingNeeds($"its batch normalisation {never} has one value a channel however many samples a batch has", never)
                : new TrainingNeeds(null, network.NormalisesOneValue(sampleShape, 1));
        }
        catch (Exception fault) when (fault is ModelRejectedException or TrainingException)
        {
            return new TrainingNeeds(fault.Message, null);
        }
    }

    /// <summary>Whether so many samples in such batches give every batch two or more where the network needs them; a last batch of one is joined to the one before.</summary>
    /// <param name="batchSize">Samples a batch.</param>
    /// <param name="samples">Training samples.</param>
    /// <returns>What is wrong and whether the batch size (or else the number of samples) is to blame; null where nothing is.</returns>
    public (string Why, bool OfBatchSize)? Check(int batchSize, int samples) => Normalisation is null ? null : WhyNotOf(Normalisation, batchSize, samples);

    internal static (string Why, bool OfBatchSize)? WhyNotOf(string normalisation, int batchSize, int samples) => (batchSize, samples) switch
    {
        (1, _) => ($"a batch of one sample is one value a channel for the batch normalisation {normalisation}, of which there is no variance; take 2 or more", true),
        (_, 1) => ($"one training sample is one value a channel for the batch normalisation {normalisation}, of which there is no variance; take 2 or more", false),
        _ => null,
    };
}
