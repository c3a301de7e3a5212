using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Torch;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training;

/// <summary>Loss and accuracy of the network in inference mode over some samples.</summary>
internal sealed class Evaluation(TorchNetwork network, TrainingBatches batches, double labelSmoothing)
{
    /// <summary>Samples evaluated at once.</summary>
    public const int BatchSize = 256;

    /// <summary>How many samples.</summary>
    public int Samples => batches.Samples;

    /// <summary>Evaluates.</summary>
    public (double Loss, double Accuracy) Run(IProgress<double>? progress, CancellationToken cancellation)
    {
        using var quiet = no_grad();
        using var sums = new RunningSums(network.Device);
        foreach (var batch in batches.InOrder(cancellation))
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = BatchTensors.Of(batch, network.Device);
            var logits = network.Logits(inputs, ForwardMode.Inference);
            sums.Add(nn.functional.cross_entropy(logits, labels, label_smoothing: labelSmoothing), logits, labels);
            progress?.Report((batch.Number + 1.0) / batches.BatchesPerEpoch);
        }

        return sums.Means();
    }
}
