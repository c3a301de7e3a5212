using System.Diagnostics;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Torch.Gradients;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training;

/// <summary>The steps of an epoch: forward, loss, gradient, update.</summary>
internal sealed class TrainingSteps(TorchNetwork network, NetworkState state, TrainingBatches batches, TrainingSettings settings, IReadOnlyList<ILossTerm> terms)
{
    private readonly LearningRateSchedule _schedule = new(settings.Schedule, settings.Optimizer.LearningRate, settings.Epochs, batches.BatchesPerEpoch);

    /// <summary>Means of the loss terms over the last epoch run.</summary>
    public IReadOnlyList<(string Name, double Weight, double Value, double Seconds)> Terms { get; private set; } = [];

    /// <summary>Runs epoch <paramref name="epoch"/> (0-based, through all rounds).</summary>
    /// <returns>Mean loss and accuracy of the batches as they went by, and the last learning rate.</returns>
    /// <exception cref="TrainingException">The loss is not a finite number.</exception>
    public ((double Loss, double Accuracy) Means, double LearningRate) Run(int epoch, IProgress<double>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var sums = new RunningSums(network.Device);
        var termSums = terms.Select(_ => zeros(1, ScalarType.Float64, network.Device)).ToArray();
        var seconds = new double[terms.Count];
        var rate = 0.0;

        // What the network itself draws (dropout) follows from the seed and the epoch too; TrainingBatches has the streams from 0 up.
        network.Seed(unchecked((long)new PortableRandom(settings.Seed, -1 - epoch).Next()));
        foreach (var batch in batches.Epoch(epoch, cancellation))
        {
            rate = _schedule.At(epoch % settings.Epochs, batch.Number);
            Step(batch, epoch, rate, sums, termSums, seconds);
            progress?.Report((batch.Number + 1.0) / batches.BatchesPerEpoch);
        }

        Terms = [.. terms.Select((term, i) => (term.Name, term.Weight, termSums[i].item<double>() / batches.BatchesPerEpoch, seconds[i]))];
        var means = sums.Means();
        return double.IsFinite(means.Loss)
            ? (means, rate)
            : throw new TrainingException($"The training loss of epoch {epoch + 1} is not a finite number: the network diverged. A lower learning rate, or optimizer.clipNorm, may keep it from that.");
    }

    private void Step(Batch batch, int epoch, double rate, RunningSums sums, Tensor[] termSums, double[] seconds)
    {
        using var scope = NewDisposeScope();
        var (inputs, labels) = BatchTensors.Of(batch, network.Device);
        var logits = network.Logits(inputs, ForwardMode.Training);
        var loss = nn.functional.cross_entropy(logits, labels, label_smoothing: settings.LabelSmoothing);
        sums.Add(loss, logits, labels);
        for (var i = 0; i < terms.Count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var term = terms[i].Evaluate(network, new TrainingStep(inputs, labels, logits, batch.Indices, settings.Seed, epoch, batch.Number));
            termSums[i].add_(term.detach());
            seconds[i] += Stopwatch.GetElapsedTime(started).TotalSeconds;
            loss = loss.add(term, terms[i].Weight);
        }

        state.Optimizer.Step(Backward.OfAll(loss, state.Trained), rate);
        state.Masks.Apply();
    }
}
