using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Networks;

/// <summary>How a network does on labelled samples.</summary>
/// <param name="Correct">How many it classifies correctly.</param>
/// <param name="Loss">Summed cross-entropy -log p_label; NaN where the network gives no number.</param>
internal sealed record RowScore(int Correct, double Loss);

/// <summary>
/// Accuracy and loss of networks on labelled samples, as they are. Opens a session only where the cache has no outputs and
/// keeps it until another network is asked about. Owns the dataset and the session.
/// </summary>
internal sealed class LabelledRows : IDisposable
{
    // The class of no sample.
    private const int Nothing = -1;
    private readonly IDataset _dataset;
    private readonly NetworkGamesSpec _spec;
    private readonly OutputKeys _keys;
    private readonly IValueCache _values;
    private readonly RateMemory _rates;
    private (string Sha256, Classifier Session)? _open;
    private RateKeys? _keysOfRates;

    /// <summary>Opens the dataset.</summary>
    /// <param name="dataset">A dataset with labels.</param>
    /// <param name="spec">Device and rows of a run.</param>
    /// <param name="values">The cache.</param>
    /// <param name="rates">Where measured times go.</param>
    public LabelledRows(CatalogDataset dataset, NetworkGamesSpec spec, IValueCache values, RateMemory rates)
    {
        (_spec, _values, _rates) = (spec, values, rates);
        _dataset = DatasetReader.Open(dataset.Folder);
        _keys = new OutputKeys(spec, dataset.Summary.SampleShape, []);
    }

    /// <summary>Scores a network on samples.</summary>
    /// <exception cref="ExperimentException">The network cannot be run, or a label is not one of its classes.</exception>
    public RowScore Score(NetworkFile network, IReadOnlyList<int> indices, CellPasses passes, IProgress<double>? progress, CancellationToken cancellation)
    {
        var samples = indices.Select(_dataset.Get).ToArray();
        var key = _keys.Rows(network.Key, Hash(samples));
        var kept = KeptOutputs.Find(_values, key, 2 * samples.Length);
        var rows = kept?.Outputs ?? Run(network, samples, progress, cancellation);
        if (kept is null)
        {
            KeptOutputs.Keep(_values, key, passes.Origin, [], rows);
        }

        passes.Count(samples.Length, kept?.Origin ?? passes.Origin);
        var (correct, loss) = (0, 0.0);
        for (var i = 0; i < samples.Length; i++)
        {
            correct += rows[i] == samples[i].Label ? 1 : 0;
            loss += rows[samples.Length + i];
        }

        return new RowScore(correct, loss);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _open?.Session.Dispose();
        _dataset.Dispose();
    }

    /// <summary>Predicted classes, <see cref="Nothing"/> where logits are no numbers; then cross-entropies.</summary>
    private double[] Run(NetworkFile network, Sample[] samples, IProgress<double>? progress, CancellationToken cancellation)
    {
        try
        {
            var session = Session(network);
            var started = Stopwatch.GetTimestamp();
            var logits = session.Logits([.. samples.Select(sample => sample.Values)], progress, cancellation);
            _rates.Record(_keysOfRates!.Classify, samples.Length, Stopwatch.GetElapsedTime(started));
            var rows = new double[2 * samples.Length];
            for (var i = 0; i < samples.Length; i++)
            {
                var label = samples[i].Label ?? throw new ExperimentException($"Sample {samples[i].Index} has no label.");
                if (label < 0 || label >= logits[i].Length)
                {
                    throw new ExperimentException($"Sample {samples[i].Index} has label {label}, outside the model's {logits[i].Length} classes.");
                }

                (rows[i], rows[samples.Length + i]) = (Logits.IsDefined(logits[i]) ? Logits.Predict<float>(logits[i]) : Nothing, Logits.Loss(logits[i], label));
            }

            return rows;
        }
        catch (ModelRejectedException exception)
        {
            throw new ExperimentException($"The model '{network.Name}' cannot be evaluated: {exception.Message}", exception);
        }
    }

    private Classifier Session(NetworkFile network)
    {
        if (_open is { } open && open.Sha256 == network.Key)
        {
            return open.Session;
        }

        _open?.Session.Dispose();
        _open = null;
        var started = Stopwatch.GetTimestamp();
        var session = Open(network, _spec, _dataset.Summary.SampleShape);
        _keysOfRates = RateKeys.Of(network, _spec, _dataset.Summary.SampleShape);
        _rates.Record(_keysOfRates.OpenPlain, 1, Stopwatch.GetElapsedTime(started));
        _open = (network.Key, session);
        return session;
    }

    /// <summary>Opens a network as it is.</summary>
    public static Classifier Open(NetworkFile network, NetworkGamesSpec spec, IReadOnlyList<int> shape) =>
        Classifier.Open(network.Open(), shape, spec.Device, spec.Batch.Number, spec.Executor.Runs());

    /// <summary>SHA-256 of samples and their labels.</summary>
    public static string Hash(Sample[] samples)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> label = stackalloc byte[sizeof(int)];
        foreach (var sample in samples)
        {
            BinaryPrimitives.WriteInt32LittleEndian(label, sample.Label ?? -1);
            hash.AppendData(label);
            hash.AppendData(MemoryMarshal.AsBytes(sample.Values.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
