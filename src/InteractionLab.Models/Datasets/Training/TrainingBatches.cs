using InteractionLab.Interactions;

namespace InteractionLab.Models.Datasets.Training;

/// <summary>
/// Batches over some samples of a dataset, in an order and with changes that depend on the seed, the epoch and the
/// sample alone: an epoch run again, or alone after a restart, gives the same batches. The next batch is made on
/// another thread while the present one is used. Not for several epochs at once.
/// </summary>
public sealed class TrainingBatches
{
    /// <summary>Most bytes of samples kept in memory; what does not fit is read from disk in each epoch.</summary>
    public const long DefaultMemoryLimit = 1L << 30;

    private readonly IDataset _dataset;
    private readonly int[] _indices;
    private readonly IReadOnlyList<int> _labels;
    private readonly Augmentation _augmentation;
    private readonly long _seed;
    private readonly float[] _border;
    private readonly float[]?[] _kept;
    private readonly int _cells;

    /// <summary>Prepares batches; nothing is read yet.</summary>
    /// <param name="dataset">With labels; it must stay open.</param>
    /// <param name="indices">Samples of the dataset, at least one.</param>
    /// <param name="batchSize">Samples a batch; the last of an epoch may be smaller.</param>
    /// <param name="augmentation">Pictures only.</param>
    /// <param name="seed">Of order and augmentation.</param>
    /// <param name="memoryLimit">Bytes of samples that may be kept.</param>
    /// <param name="joinLastOne">Whether a last batch of one sample is joined to the one before, which then has one more.</param>
    /// <exception cref="ArgumentException">No labels, no samples, an index out of range, or augmentation of something else than pictures.</exception>
    public TrainingBatches(IDataset dataset, IReadOnlyList<int> indices, int batchSize, Augmentation augmentation, long seed, long memoryLimit = DefaultMemoryLimit, bool joinLastOne = false)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(augmentation);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(augmentation.Crop, nameof(augmentation));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(augmentation.Crop, Augmentation.MostCrop, nameof(augmentation));
        if (indices.Count == 0 || indices.Any(index => index < 0 || index >= dataset.Summary.Count))
        {
            throw new ArgumentException($"Sample indices must be 0 to {dataset.Summary.Count - 1}, at least one.", nameof(indices));
        }

        if (!augmentation.IsNone && dataset.Summary.Kind != SampleKind.Image)
        {
            throw new ArgumentException("Only pictures are cropped and flipped.", nameof(augmentation));
        }

        _dataset = dataset;
        _indices = [.. indices];
        _labels = dataset.Labels ?? throw new ArgumentException("The dataset has no labels to train on.", nameof(dataset));
        _augmentation = augmentation;
        _seed = seed;
        _border = augmentation.IsNone ? [] : Augmentation.Border(dataset.Summary);
        _cells = dataset.Summary.SampleShape.Aggregate(1, (product, side) => checked(product * side));
        _kept = _indices.Length <= memoryLimit / (_cells * (long)sizeof(float)) ? new float[]?[dataset.Summary.Count] : [];
        BatchSize = batchSize;
        JoinsLast = joinLastOne && _indices.Length > batchSize && _indices.Length % batchSize == 1;
    }

    /// <summary>Samples a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Whether the last batch of an epoch has one sample more than the others, which would have been a batch alone.</summary>
    public bool JoinsLast { get; }

    /// <summary>Samples an epoch.</summary>
    public int Samples => _indices.Length;

    /// <summary>Batches an epoch.</summary>
    public int BatchesPerEpoch => JoinsLast ? _indices.Length / BatchSize : ((_indices.Length - 1) / BatchSize) + 1;

    /// <summary>The batches of an epoch, each sample once, shuffled and augmented.</summary>
    /// <param name="epoch">Any number; epochs differ in order and augmentation.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public IEnumerable<Batch> Epoch(int epoch, CancellationToken cancellation = default)
    {
        // Streams of one seed: even for orders, odd for augmentation, so that neither follows the other.
        var order = new PortableRandom(_seed, 2L * epoch).Draw(_indices, _indices.Length);
        var changes = _augmentation.IsNone ? (long?)null : unchecked((long)new PortableRandom(_seed, (2L * epoch) + 1).Next());
        return Run(order, changes, cancellation);
    }

    /// <summary>The samples in the order given, unchanged: for evaluation.</summary>
    public IEnumerable<Batch> InOrder(CancellationToken cancellation = default) => Run(_indices, null, cancellation);

    private IEnumerable<Batch> Run(int[] order, long? changes, CancellationToken cancellation)
    {
        var text = _dataset.Summary.Kind == SampleKind.Text;
        var capacity = Math.Min(JoinsLast ? BatchSize + 1 : BatchSize, order.Length);
        var (current, next) = (new Batch(_dataset.Summary.SampleShape, capacity, text), new Batch(_dataset.Summary.SampleShape, capacity, text));
        Task? ahead = null;
        try
        {
            Fill(next, 0, order, changes);
            for (var number = 0; number < BatchesPerEpoch; number++)
            {
                cancellation.ThrowIfCancellationRequested();

                // Waiting, not awaiting: whoever trains must stay on the thread that holds its tensors.
                ahead?.GetAwaiter().GetResult();
                ahead = null;
                (current, next) = (next, current);
                if (number + 1 < BatchesPerEpoch)
                {
                    var (target, following) = (next, number + 1);
                    ahead = Task.Run(() => Fill(target, following, order, changes), CancellationToken.None);
                }

                yield return current;
            }
        }
        finally
        {
            // The dataset may be closed as soon as this ends.
            ahead?.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).GetAwaiter().GetResult();
        }
    }

    private void Fill(Batch batch, int number, int[] order, long? changes)
    {
        batch.Number = number;
        batch.Count = JoinsLast && number == BatchesPerEpoch - 1 ? BatchSize + 1 : Math.Min(BatchSize, order.Length - (number * BatchSize));
        for (var i = 0; i < batch.Count; i++)
        {
            var index = order[(number * BatchSize) + i];
            batch.Indices[i] = index;
            batch.Labels[i] = _labels[index];
            var values = Values(index);
            if (batch.Tokens is { } tokens)
            {
                for (var k = 0; k < _cells; k++)
                {
                    tokens[(i * _cells) + k] = (long)values[k];
                }

                continue;
            }

            var target = batch.Values.AsSpan(i * _cells, _cells);
            if (changes is { } seed)
            {
                _augmentation.Apply(new PortableRandom(seed, index), values, batch.SampleShape, _border, target);
            }
            else
            {
                values.CopyTo(target);
            }
        }
    }

    private float[] Values(int index)
    {
        if (_kept.Length == 0)
        {
            return _dataset.Get(index).Values;
        }

        return _kept[index] ??= _dataset.Get(index).Values;
    }
}
