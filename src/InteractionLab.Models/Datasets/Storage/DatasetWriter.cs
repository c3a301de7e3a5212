using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>Writes the stored form sample by sample, and measures the dataset on the way.</summary>
internal sealed class DatasetWriter : IDisposable
{
    private const double PixelScale = 1 / 255.0;

    // Bounds what the sums over a dataset take in memory; no network takes an input as large.
    private const int MostCells = 1 << 25;

    private readonly ImportRequest _request;
    private readonly NpyType _type;
    private readonly int[] _shape;
    private readonly int _cells;
    private readonly double _scale;
    private readonly CellStatistics? _statistics;
    private readonly FileStream _values;
    private WordList? _words;
    private long _count;
    private long _bytes;

    /// <summary>Starts a dataset.</summary>
    /// <param name="request">The upload.</param>
    /// <param name="kind">What the samples are.</param>
    /// <param name="type">How values are kept: u1, f4, i4 for text, or f8 for games.</param>
    /// <param name="shape">Shape of one sample; its first axis holds the channels or columns.</param>
    public DatasetWriter(ImportRequest request, SampleKind kind, NpyType type, int[] shape)
    {
        _request = request;
        Kind = kind;
        _type = type;
        _shape = shape;
        _cells = CellCount(shape, type.Size(), request.Limits);
        _scale = kind == SampleKind.Image && type == NpyType.U1 ? PixelScale : 1;
        _statistics = kind is SampleKind.Games or SampleKind.Text ? null : new CellStatistics(_cells, shape[0]);
        _values = new FileStream(Path.Combine(request.Folder, StoredLayout.Values), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        _values.Write(new byte[StoredLayout.HeaderLength]);
    }

    public SampleKind Kind { get; }

    /// <summary>Samples so far.</summary>
    public int Count => (int)_count;

    /// <summary>Values of one sample, refused where no dataset could hold a single one.</summary>
    public static int CellCount(IReadOnlyList<int> shape, int size, ImportLimits limits)
    {
        if (shape.Any(d => d < 1))
        {
            throw new InvalidDataException($"a sample of shape [{string.Join(", ", shape)}] is empty");
        }

        var cells = NpyHeader.Product([.. shape.Select(d => (long)d)]);
        var most = Math.Min(limits.MaxUnpackedBytes / size, MostCells);
        return cells <= most
            ? (int)cells
            : throw new InvalidDataException($"a sample of shape [{string.Join(", ", shape)}] has more than the limit of {most} values");
    }

    /// <summary>Adds a sample kept as bytes.</summary>
    public void Append(ReadOnlySpan<byte> sample)
    {
        _statistics!.Add(sample);
        Store(sample, sample.Length);
    }

    /// <summary>Adds a sample kept as floats; all must be finite.</summary>
    public void Append(ReadOnlySpan<float> sample)
    {
        foreach (var value in sample)
        {
            if (!float.IsFinite(value))
            {
                throw new InvalidDataException($"sample {_count} holds a value that is not a finite single-precision number");
            }
        }

        _statistics!.Add(sample);
        Store(MemoryMarshal.AsBytes(sample), sample.Length);
    }

    /// <summary>Adds a text: token ids.</summary>
    public void Append(ReadOnlySpan<int> text) => Store(MemoryMarshal.AsBytes(text), text.Length);

    /// <summary>Keeps the vocabulary of a text dataset.</summary>
    public void Words(WordList words)
    {
        _words = words;
        File.WriteAllLines(Path.Combine(_request.Folder, StoredLayout.Words), words.Words);
    }

    /// <summary>Adds a game.</summary>
    public void Append(ReadOnlySpan<double> game)
    {
        foreach (var value in game)
        {
            if (!double.IsFinite(value))
            {
                throw new InvalidDataException($"game {_count} holds a value that is not finite");
            }
        }

        Store(MemoryMarshal.AsBytes(game), game.Length);
    }

    /// <summary>Writes labels, means and, last of all, <c>meta.json</c>.</summary>
    /// <param name="normalisation">As asked for.</param>
    /// <param name="labels">One a sample, in range; null where there are none.</param>
    /// <param name="classNames">By class.</param>
    /// <param name="columnNames">By column.</param>
    /// <param name="echo">The options of the format; <c>mean</c>, <c>std</c> and classes without samples (<c>emptyClasses</c>) are added.</param>
    /// <param name="leastClasses">Classes that exist whether or not a sample has them.</param>
    public DatasetSummary Finish(Normalisation normalisation, IReadOnlyList<int>? labels, IReadOnlyList<string>? classNames, IReadOnlyList<string>? columnNames, JsonObject echo, int leastClasses = 0)
    {
        if (_count == 0)
        {
            throw new InvalidDataException("it holds no samples");
        }

        CheckLabels(labels);
        var (mean, std) = _statistics is null ? ([], []) : Normalise(normalisation, echo);
        _values.Position = 0;
        _values.Write(new NpyHeader(_type, false, [_count, .. _shape.Select(d => (long)d)]).ToBytes(StoredLayout.HeaderLength));
        _values.Flush();

        var classes = labels is null ? 0 : Math.Max(labels.Max() + 1, leastClasses);
        if (Empty(classes, labels) is { Count: > 0 } empty)
        {
            echo["emptyClasses"] = new JsonArray([.. empty.Select(c => (JsonNode)c)]);
        }

        var summary = new DatasetSummary(Kind, _request.Format, Count, _shape, classes, classNames, columnNames, JsonSerializer.SerializeToElement(echo)) { Vocabulary = _words?.Summary };
        var (low, high) = DisplayRange();
        var meta = new DatasetMeta(DatasetMeta.CurrentVersion, summary, _scale, mean, std, low, high);
        File.WriteAllBytes(Path.Combine(_request.Folder, StoredLayout.Meta), JsonSerializer.SerializeToUtf8Bytes(meta, DatasetMeta.Json));
        return summary;
    }

    /// <inheritdoc />
    public void Dispose() => _values.Dispose();

    private void Store(ReadOnlySpan<byte> bytes, int cells)
    {
        _request.Cancellation.ThrowIfCancellationRequested();
        if (cells != _cells)
        {
            throw new ArgumentException($"A sample has {_cells} values, not {cells}.", nameof(cells));
        }

        _bytes += bytes.Length;
        if (_bytes > _request.Limits.MaxUnpackedBytes || _count == int.MaxValue)
        {
            throw new InvalidDataException($"the samples take more than the limit of {_request.Limits.MaxUnpackedBytes} bytes");
        }

        _values.Write(bytes);
        _count++;
    }

    private void CheckLabels(IReadOnlyList<int>? labels)
    {
        if (labels is null)
        {
            return;
        }

        if (labels.Count != _count)
        {
            throw new InvalidDataException($"there are {labels.Count} labels for {_count} samples");
        }

        using var file = File.Create(Path.Combine(_request.Folder, StoredLayout.Labels));
        new NpyWriter<int>(file, _count).Write(labels.ToArray());
    }

    /// <summary>The first classes that no sample has: labels that begin at 1 leave class 0 empty.</summary>
    private static List<int> Empty(int classes, IReadOnlyList<int>? labels)
    {
        const int MostListed = 100;
        var used = labels?.ToHashSet() ?? [];
        return [.. Enumerable.Range(0, classes).Where(c => !used.Contains(c)).Take(MostListed)];
    }

    private (double[] Mean, double[] Std) Normalise(Normalisation normalisation, JsonObject echo)
    {
        var (measuredMean, measuredStd) = _statistics!.Channels();
        var mean = normalisation.Mean.Resolve(_request.Options, "mean", 0, [.. measuredMean.Select(m => m * _scale)]);
        var std = normalisation.Std.Resolve(_request.Options, "std", 1, [.. measuredStd.Select(Deviation)]);
        _request.Options.ThrowIfAny();
        echo["mean"] = new JsonArray([.. mean.Select(m => (JsonNode)m)]);
        echo["std"] = new JsonArray([.. std.Select(s => (JsonNode)s)]);

        var cells = _statistics.CellMeans();
        var plane = _cells / mean.Length;
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = ((cells[i] * _scale) - mean[i / plane]) / std[i / plane];
        }

        using var file = File.Create(Path.Combine(_request.Folder, StoredLayout.Mean));
        new NpyWriter<double>(file, [.. _shape.Select(d => (long)d)]).Write(cells);
        return (mean, std);
    }

    // What does not vary is left at 0 instead of being divided by 0.
    private double Deviation(double measured) => measured > 0 ? measured * _scale : 1;

    private (double Low, double High) DisplayRange() => _statistics switch
    {
        null => (0, 1),
        _ when _type == NpyType.U1 => (0, 255),
        { Low: >= 0, High: <= 1 } => (0, 1),
        { Low: >= 0, High: <= 255 } => (0, 255),
        _ => (_statistics.Low, Math.Max(_statistics.High, Math.BitIncrement(_statistics.Low))),
    };
}
