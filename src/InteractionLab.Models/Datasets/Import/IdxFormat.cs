using System.Buffers.Binary;
using System.IO.Compression;
using InteractionLab.Models.Archives;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>The idx files of MNIST: big-endian arrays, one of samples and perhaps one of labels, plain or gzip.</summary>
internal static class IdxFormat
{
    public static DatasetSummary Import(ImportRequest request)
    {
        request.Options.Allow("mean", "std", "layout");
        var layout = ArraySamples.AskedLayout(request.Options);
        var normalisation = request.Options.Normalisation();
        request.Options.ThrowIfAny();
        if (request.Files.Count > 2)
        {
            throw new DatasetRejectedException("files", "idx takes a file of samples and at most one of labels");
        }

        var opened = new List<IdxFile>();
        try
        {
            opened.AddRange(request.Files.Select(f => new IdxFile(f, request.Limits)));
            var isLabels = opened.Count == 2 ? opened.FindIndex(f => f.Shape.Count == 1 && f.Type is not (NpyType.F4 or NpyType.F8)) : -1;
            if (opened.Count == 2 && (isLabels < 0 || opened[1 - isLabels].Shape.Count == 1))
            {
                throw new DatasetRejectedException("files", "of two idx files one must hold labels (one dimension, whole numbers) and the other samples (2 to 4 dimensions)");
            }

            var labels = isLabels < 0 ? null : opened[isLabels].Guard(() => ReadLabels(opened[isLabels]));
            var samples = opened[isLabels < 0 ? 0 : 1 - isLabels];
            return samples.Guard(() => ReadSamples(request, samples, labels, layout ?? ArraySamples.LayoutOf(samples.Shape), normalisation));
        }
        finally
        {
            opened.ForEach(f => f.Dispose());
        }
    }

    private static DatasetSummary ReadSamples(ImportRequest request, IdxFile file, IReadOnlyList<int>? labels, string layout, Normalisation normalisation)
    {
        var samples = new ArraySamples(file.Shape, file.Type, layout == "hwc", request.Limits);
        using var writer = new DatasetWriter(request, samples.Kind, samples.Stored, samples.Shape);
        file.ForEach(samples.Count, samples.SampleBytes, bytes => samples.Append(writer, bytes));
        return writer.Finish(normalisation, labels, null, null, file.Shape.Count == 4 ? ImportOptions.Echo(("layout", layout)) : ImportOptions.Echo());
    }

    private static List<int> ReadLabels(IdxFile file)
    {
        var labels = new List<int>();
        file.ForEach((int)file.Shape[0], file.Type.Size(), bytes =>
        {
            var value = file.Type.ToDouble(bytes, 0);
            labels.Add(LabelRange.FromNumber(value) ?? throw new InvalidDataException($"entry {labels.Count} is {value}, which {LabelRange.Fault}"));
        });
        return labels;
    }
}

/// <summary>One idx file, opened and its header read.</summary>
internal sealed class IdxFile : IDisposable
{
    private const int MostDimensions = 4;
    private readonly string _name;
    private readonly UnpackBudget _budget;
    private readonly Stream _stream;

    public IdxFile(UploadedFile file, ImportLimits limits)
    {
        _name = file.FileName;
        _budget = new UnpackBudget(limits.MaxUnpackedBytes);
        Stream raw = ImportRequest.Open(file);
        var isGzip = raw.ReadByte() == 0x1F && raw.ReadByte() == 0x8B;
        raw.Position = 0;
        _stream = isGzip ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        try
        {
            Guard(() => ReadHeader(limits));
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    public NpyType Type { get; private set; }

    public IReadOnlyList<long> Shape { get; private set; } = [];

    /// <summary>Runs a step and names the file in its fault.</summary>
    public T Guard<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (InvalidDataException e)
        {
            throw ImportRequest.Fault(_name, e.Message, e);
        }
    }

    /// <summary>Hands over <paramref name="count"/> blocks as little-endian elements, and checks that nothing follows.</summary>
    public void ForEach(int count, int blockBytes, Action<byte[]> use)
    {
        var block = new byte[blockBytes];
        for (var i = 0; i < count; i++)
        {
            Fill(block);
            SwapBytes(block, Type.Size());
            use(block);
        }

        if (_stream.ReadByte() >= 0)
        {
            throw new InvalidDataException("bytes follow the last element");
        }
    }

    public void Dispose() => _stream.Dispose();

    private bool ReadHeader(ImportLimits limits)
    {
        var head = new byte[4];
        Fill(head);
        if (head[0] != 0 || head[1] != 0 || head[3] is < 1 or > MostDimensions)
        {
            throw new InvalidDataException("it does not begin like an idx file of 1 to 4 dimensions");
        }

        Type = head[2] switch
        {
            0x08 => NpyType.U1,
            0x09 => NpyType.I1,
            0x0B => NpyType.I2,
            0x0C => NpyType.I4,
            0x0D => NpyType.F4,
            0x0E => NpyType.F8,
            _ => throw new InvalidDataException($"its element type 0x{head[2]:X2} is none that idx defines"),
        };
        var sizes = new byte[4 * head[3]];
        Fill(sizes);
        Shape = [.. Enumerable.Range(0, head[3]).Select(i => (long)BinaryPrimitives.ReadUInt32BigEndian(sizes.AsSpan(4 * i)))];
        if (Shape.Any(d => d > int.MaxValue) || NpyHeader.Product(Shape) > limits.MaxUnpackedBytes / Type.Size())
        {
            throw new InvalidDataException($"it claims the shape [{string.Join(", ", Shape)}], which is larger than the limit of {limits.MaxUnpackedBytes} bytes");
        }

        return true;
    }

    private void Fill(byte[] buffer)
    {
        if (_stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw new InvalidDataException("it is truncated: fewer bytes than its header claims");
        }

        _budget.Take(buffer.Length);
    }

    private static void SwapBytes(byte[] block, int size)
    {
        for (var i = 0; size > 1 && i < block.Length; i += size)
        {
            block.AsSpan(i, size).Reverse();
        }
    }
}
