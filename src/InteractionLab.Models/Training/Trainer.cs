using System.Diagnostics;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Training.Checkpoints;
using InteractionLab.Models.Training.Optimizers;
using InteractionLab.Models.Training.Terms;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training;

/// <summary>
/// Trains an ONNX network with libtorch, an epoch at a time. Everything random follows from the seed and the epoch, so
/// the same settings give the same network bit for bit on one machine, whether in one go or continued from a checkpoint
/// (on the CPU; CUDA kernels may add in another order). Not for several threads at once.
/// </summary>
/// <remarks>
/// With <see cref="TrainingSettings.PruneRate"/>, after each <see cref="TrainingSettings.Epochs"/> epochs a round ends; the
/// next begins by pruning, forgets the optimizer's state, and runs the whole schedule again from the present weights.
/// </remarks>
public sealed class Trainer : IDisposable
{
    private readonly TorchNetwork _network;
    private readonly TrainingSettings _settings;
    private readonly TrainingBatches _train;
    private readonly Evaluation _evaluation;
    private readonly Evaluation _initial;
    private readonly NetworkState _state;
    private readonly TrainingSteps _steps;
    private readonly OpenTerms _terms;
    private readonly List<string> _notes = [];
    private long _termPasses;

    private Trainer(TorchNetwork network, NetworkState state, TrainingSamples train, TrainingSamples test, TrainingSettings settings, OpenTerms terms)
    {
        (_network, _state, _settings, _terms) = (network, state, settings, terms);
        var normalised = network.NormalisesOneValue(train.Dataset.Summary.SampleShape, 1);
        if (normalised is not null && TrainingNeeds.WhyNotOf(normalised, settings.BatchSize, train.Indices.Count) is { } fault)
        {
            throw new TrainingException($"Batches of one sample cannot be trained on: {fault.Why}.");
        }

        _train = new TrainingBatches(train.Dataset, train.Indices, settings.BatchSize, settings.Augment, settings.Seed, joinLastOne: normalised is not null);
        if (_train.JoinsLast)
        {
            _notes.Add($"The last batch of an epoch would have one sample, which is one value a channel for {normalised}; it is joined to the batch before.");
        }

        var plain = new TrainingBatches(train.Dataset, train.Indices, Evaluation.BatchSize, Augmentation.None, settings.Seed);
        _initial = new Evaluation(network, plain, settings.LabelSmoothing);
        _evaluation = new Evaluation(network, new TrainingBatches(test.Dataset, test.Indices, Evaluation.BatchSize, Augmentation.None, settings.Seed), 0);
        _steps = new TrainingSteps(network, state, _train, settings, terms.Terms);
    }

    /// <summary>Finished epochs, counted through all rounds.</summary>
    public int Epoch => _state.Epoch;

    /// <summary>What the reader of a result should know about how it runs: the CPU in place of a GPU, a last batch that was joined to the one before.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Whether the last epoch was stopped in the middle: the network is then of no epoch.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Prunable weights held at zero, as a share.</summary>
    public double Sparsity => _state.Masks.Sparsity;

    /// <summary>Why nothing can be trained on a device here, or null where it can: libtorch or the device is missing.</summary>
    public static string? Unavailable(DeviceKind device)
    {
        try
        {
            TorchRuntime.Resolve(device, out _);
            return null;
        }
        catch (ModelRejectedException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The network at the start: one input of the samples' shape, an output of logits [batch, classes].</param>
    /// <param name="train">Samples to train on.</param>
    /// <param name="test">Samples to evaluate on after each epoch.</param>
    /// <param name="settings">How.</param>
    /// <exception cref="TrainingException">The network cannot be trained.</exception>
    public static Trainer Create(OnnxModel model, TrainingSamples train, TrainingSamples test, TrainingSettings settings) => Create(model, train, test, settings, (_, _) => OpenTerms.None);

    /// <summary>Prepares a run that makes more than cross-entropy small.</summary>
    /// <param name="model">The network at the start.</param>
    /// <param name="train">Samples to train on.</param>
    /// <param name="test">Samples to evaluate on after each epoch.</param>
    /// <param name="settings">How.</param>
    /// <param name="terms">The further terms; with weights of 0 the run is the plain one bit for bit.</param>
    /// <exception cref="TrainingException">The network cannot be trained.</exception>
    public static Trainer Create(OnnxModel model, TrainingSamples train, TrainingSamples test, TrainingSettings settings, LossTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var trainer = Create(model, train, test, settings, terms.Open);
        trainer._termPasses = LossTerms.PassesOfEpoch(terms.Modulations, terms.Penalty, train.Indices.Count, settings.BatchSize);
        return trainer;
    }

    /// <summary>Prepares a run with terms of any kind, which stay the caller's.</summary>
    internal static Trainer Create(OnnxModel model, TrainingSamples train, TrainingSamples test, TrainingSettings settings, IReadOnlyList<ILossTerm> terms) =>
        Create(model, train, test, settings, (_, _) => new OpenTerms([.. terms.Where(term => term.Weight > 0)], null, null));

    private static Trainer Create(OnnxModel model, TrainingSamples train, TrainingSamples test, TrainingSettings settings, Func<DeviceKind, Device, OpenTerms> openTerms)
    {
        OpenTerms? terms = null;
        TorchNetwork? network = null;
        NetworkState? state = null;
        try
        {
            List<string> notes = [.. model.Notes];
            network = TrainingNetwork.Open(model, train.Dataset.Summary.SampleShape, settings.Device, notes);
            state = new NetworkState(network, TrainableWeights.Of(network), settings.Optimizer);
            TorchRuntime.Resolve(settings.Device, out var note);
            terms = openTerms(settings.Device, network.Device);
            var trainer = new Trainer(network, state, train, test, settings, terms);
            trainer._notes.InsertRange(0, note is null ? notes : [note, .. notes]);

            state.CheckFinite("before training");
            return trainer;
        }
        catch
        {
            terms?.Dispose();
            state?.Dispose();
            network?.Dispose();
            throw;
        }
    }

    /// <summary>Evaluates the network before training on both sets of samples.</summary>
    /// <param name="progress">Share that is done, 0..1.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public EpochMetrics EvaluateInitial(IProgress<double>? progress, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var train = _initial.Run(Part(progress, 0, 0.5), cancellation);
        var test = _evaluation.Run(Part(progress, 0.5, 1), cancellation);
        var (oddTrain, oddTest) = (Odd(train.Loss, "training", 0), Odd(test.Loss, "test", 0));
        return new EpochMetrics
        {
            Epoch = 0,
            Round = 0,
            TrainLoss = train.Loss,
            TrainAccuracy = train.Accuracy,
            TestLoss = test.Loss,
            TestAccuracy = test.Accuracy,
            LearningRate = null,
            Sparsity = Sparsity,
            Terms = [],
            Steps = 0,
            Passes = _initial.Samples + _evaluation.Samples,
            Notes = oddTrain.Count == 0 ? oddTest : [.. oddTrain, .. oddTest],
            StepTime = TimeSpan.Zero,
            EvaluationTime = Stopwatch.GetElapsedTime(started),
        };
    }

    /// <summary>Trains one epoch and evaluates on the test samples. Stopped in the middle, the trainer must be restored or dropped.</summary>
    /// <param name="progress">Share of the epoch that is done, 0..1.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="TrainingException">The loss, a weight or a running statistic is not a finite number.</exception>
    /// <exception cref="InvalidOperationException">The epochs are over, or the last call was stopped in the middle.</exception>
    public EpochMetrics RunEpoch(IProgress<double>? progress, CancellationToken cancellation)
    {
        if (IsTorn || (Epoch >= _settings.Epochs && _settings.PruneRate is null))
        {
            throw new InvalidOperationException(IsTorn ? "The last epoch was stopped in the middle." : "The epochs are over.");
        }

        var round = Epoch / _settings.Epochs;
        IsTorn = true;
        if (Epoch > 0 && Epoch % _settings.Epochs == 0)
        {
            _state.BeginRound(1 - Math.Pow(1 - _settings.PruneRate!.Value, round));
        }

        var started = Stopwatch.GetTimestamp();
        var (sums, rate) = _steps.Run(Epoch, Part(progress, 0, 0.9), cancellation);
        var stepTime = Stopwatch.GetElapsedTime(started);

        // Guarantee: nothing that is not finite reaches a checkpoint, a snapshot or a result.
        _state.CheckFinite(FormattableString.Invariant($"after epoch {Epoch + 1}"));
        started = Stopwatch.GetTimestamp();
        var test = _evaluation.Run(Part(progress, 0.9, 1), cancellation);
        _state.Epoch++;
        IsTorn = false;
        return new EpochMetrics
        {
            Epoch = Epoch,
            Round = round,
            TrainLoss = sums.Loss,
            TrainAccuracy = sums.Accuracy,
            TestLoss = test.Loss,
            TestAccuracy = test.Accuracy,
            LearningRate = rate,
            Sparsity = Sparsity,
            Terms = _steps.Terms,
            Steps = _train.BatchesPerEpoch,
            Passes = (3L * _train.Samples) + _termPasses + _evaluation.Samples,
            Notes = Odd(test.Loss, "test", Epoch),
            StepTime = stepTime,
            EvaluationTime = Stopwatch.GetElapsedTime(started),
        };
    }

    /// <summary>The network as it is: the same graph with the present parameters. The same state gives the same bytes.</summary>
    public OnnxModel Snapshot() => _network.Export();

    /// <summary>Keeps everything the next epoch depends on as a file of <paramref name="folder"/>; of the files there, the two newest stay.</summary>
    public void SaveCheckpoint(string folder) => new CheckpointFolder(folder).Save(_state.Capture());

    /// <summary>Goes back to the newest sound checkpoint at or before an epoch.</summary>
    /// <param name="folder">Where <see cref="SaveCheckpoint"/> put them.</param>
    /// <param name="epoch">The epoch wanted.</param>
    /// <param name="fault">Takes what is wrong with a checkpoint that was passed over.</param>
    /// <returns>Whether there was one; the trainer is as it was where there was none.</returns>
    public bool RestoreCheckpoint(string folder, int epoch, Action<string> fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (!new CheckpointFolder(folder).Restore(_state, epoch, fault))
        {
            return false;
        }

        IsTorn = false;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _terms.Dispose();
        _state.Dispose();
        _network.Dispose();
    }

    /// <summary>A loss that is no number is said, since a result has only an empty place for it.</summary>
    private static IReadOnlyList<string> Odd(double loss, string samples, int epoch) => double.IsFinite(loss)
        ? []
        : [FormattableString.Invariant($"The {samples} loss of epoch {epoch} is not a finite number ({loss}), although all weights are: the network gives logits that are not finite or too large for single precision.")];

    private static Progress? Part(IProgress<double>? whole, double from, double to) => whole is null ? null : new Progress(whole, from, to);

    /// <summary>Places the progress of a part within the whole.</summary>
    private sealed class Progress(IProgress<double> whole, double from, double to) : IProgress<double>
    {
        public void Report(double value) => whole.Report(from + ((to - from) * value));
    }
}
