using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using InteractionLab.Models.Arrays;
using InteractionLab.Models.Images;
using Microsoft.Win32.SafeHandles;

namespace InteractionLab.Models.Datasets;

/// <summary>Reads the stored form. Samples are read from disk at each call, by position, so threads do not disturb one another.</summary>
internal sealed class StoredDataset : IDataset
{
    private readonly DatasetMeta _meta;
    private readonly SafeFileHandle _values;
    private readonly NpyType _type;
    private readonly long _start;
    private readonly int _cells;
    private readonly int[]? _labels;
    private readonly float[] _mean;
    private readonly string[]? _words;

    private StoredDataset(DatasetMeta meta, SafeFileHandle values, NpyHeader header, long start, int[]? labels, float[] mean, string[]? words)
    {
        _meta = meta;
        _values = values;
        _type = header.Type;
        _start = start;
        _labels = labels;
        _mean = mean;
        _words = words;
        _cells = Summary.SampleShape.Aggregate(1, (a, b) => checked(a * b));
    }

    public DatasetSummary Summary => _meta.Summary;

    public IReadOnlyList<int>? Labels => _labels;

    public IReadOnlyList<string>? Words => _words;

    // A copy: callers own what they get, and the baseline of everybody else must not change under them.
    public float[] Mean => [.. _mean];

    public static StoredDataset Open(string folder)
    {
        try
        {
            var meta = JsonSerializer.Deserialize<DatasetMeta>(File.ReadAllBytes(Path.Combine(folder, StoredLayout.Meta)), DatasetMeta.Json);
            if (meta is not { Version: DatasetMeta.CurrentVersion })
            {
                throw new InvalidDataException("The dataset was written by another version of the lab.");
            }

            using var values = File.OpenRead(Path.Combine(folder, StoredLayout.Values));
            var header = NpyHeader.Read(values);
            var start = values.Position;
            if (values.Length != start + header.ByteCount || header.Shape[0] != meta.Summary.Count)
            {
                throw new InvalidDataException("The values of the dataset are incomplete.");
            }

            var labels = meta.Summary.Classes > 0 ? ReadArray<int>(folder, StoredLayout.Labels) : null;
            var mean = meta.Mean.Length == 0 ? [] : ReadArray<double>(folder, StoredLayout.Mean);
            var words = meta.Summary.Kind == SampleKind.Text ? File.ReadAllLines(Path.Combine(folder, StoredLayout.Words)) : null;
            if (words?.Length != meta.Summary.Vocabulary?.Count)
            {
                throw new InvalidDataException("The vocabulary of the dataset is incomplete.");
            }

            var handle = File.OpenHandle(values.Name, options: FileOptions.RandomAccess);
            return new StoredDataset(meta, handle, header, start, labels, Array.ConvertAll(mean, v => (float)v), words);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            throw new InvalidDataException("The folder holds no dataset.", e);
        }
    }

    public Sample Get(int index)
    {
        if (Summary.Kind == SampleKind.Games)
        {
            throw new InvalidOperationException("The dataset holds games, not samples.");
        }

        var values = new float[_cells];
        Stored(index, values);
        var plane = _cells / Math.Max(1, _meta.Mean.Length);
        for (int c = 0, i = 0; c < _meta.Mean.Length; c++)
        {
            double mean = _meta.Mean[c], std = _meta.Std[c], scale = _meta.Scale;
            for (var end = i + plane; i < end; i++)
            {
                values[i] = (float)(((values[i] * scale) - mean) / std);
            }
        }

        return new Sample(index, _labels?[index], values);
    }

    public byte[]? Png(int index)
    {
        if (Summary.Kind != SampleKind.Image)
        {
            return null;
        }

        var values = new float[_cells];
        Stored(index, values);
        int height = Summary.SampleShape[1], width = Summary.SampleShape[2], plane = height * width;
        var channels = Summary.SampleShape[0] == 3 ? 3 : 1;
        var pixels = new byte[plane * channels];
        for (var i = 0; i < pixels.Length; i++)
        {
            var level = (values[(i % channels * plane) + (i / channels)] - _meta.Low) / (_meta.High - _meta.Low);
            pixels[i] = (byte)Math.Clamp(Math.Round(255 * level), 0, 255);
        }

        return PngCodec.Encode(width, height, channels, pixels);
    }

    public double[] Game(int index)
    {
        if (Summary.Kind != SampleKind.Games)
        {
            throw new InvalidOperationException("The dataset holds samples, not games.");
        }

        var game = new double[_cells];
        Fill(index, MemoryMarshal.AsBytes(game.AsSpan()));
        return game;
    }

    public void Dispose() => _values.Dispose();

    private static T[] ReadArray<T>(string folder, string name)
        where T : unmanaged
    {
        using var file = File.OpenRead(Path.Combine(folder, name));
        return NpzReader.ReadAll<T>(file, NpyHeader.Read(file));
    }

    private void Stored(int index, Span<float> values)
    {
        if (_type == NpyType.F4)
        {
            Fill(index, MemoryMarshal.AsBytes(values));
            return;
        }

        if (_type == NpyType.I4)
        {
            var ids = new int[_cells];
            Fill(index, MemoryMarshal.AsBytes(ids.AsSpan()));
            for (var i = 0; i < ids.Length; i++)
            {
                values[i] = ids[i];
            }

            return;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(_cells);
        Fill(index, bytes.AsSpan(0, _cells));
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = bytes[i];
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Fill(int index, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Summary.Count);
        var at = _start + ((long)index * buffer.Length);
        while (!buffer.IsEmpty)
        {
            var got = RandomAccess.Read(_values, buffer, at);
            if (got == 0)
            {
                throw new InvalidDataException("The values of the dataset are incomplete.");
            }

            buffer = buffer[got..];
            at += got;
        }
    }
}
