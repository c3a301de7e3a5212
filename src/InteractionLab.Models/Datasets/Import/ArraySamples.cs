using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>
/// How the samples of an array [N, ...] are taken: [N] and [N, d] are tables; [N, h, w] pictures of one channel;
/// [N, c, h, w] (or [N, h, w, c] in layout hwc) pictures.
/// </summary>
internal sealed class ArraySamples
{
    // Of pictures: grey, with alpha, colour, with alpha.
    private const int MostChannels = 4;
    private readonly NpyType _type;
    private readonly bool _hwc;

    /// <summary>Checks the array's shape and type against the limits.</summary>
    public ArraySamples(IReadOnlyList<long> shape, NpyType type, bool hwc, ImportLimits limits)
    {
        if (shape.Count is < 1 or > 4)
        {
            throw new InvalidDataException($"an array of {shape.Count} dimensions is no set of samples; 1 to 4 are read");
        }

        if (shape.Any(d => d > int.MaxValue) || NpyHeader.Product(shape) > limits.MaxUnpackedBytes / type.Size())
        {
            throw new InvalidDataException($"an array of shape [{string.Join(", ", shape)}] is larger than the limit of {limits.MaxUnpackedBytes} bytes");
        }

        int[] rest = [.. shape.Skip(1).Select(d => (int)d)];
        _type = type;
        _hwc = hwc && rest.Length == 3;
        Count = (int)shape[0];
        Kind = rest.Length < 2 ? SampleKind.Tabular : SampleKind.Image;
        Shape = rest.Length switch
        {
            0 => [1],
            2 => [1, .. rest],
            3 when hwc => [rest[2], rest[0], rest[1]],
            _ => rest,
        };
        Cells = DatasetWriter.CellCount(Shape, type.Size(), limits);
        Stored = type == NpyType.U1 && Kind == SampleKind.Image ? NpyType.U1 : NpyType.F4;
    }

    /// <summary>The option <c>layout</c>; null where it is absent.</summary>
    public static string? AskedLayout(ImportOptions options)
    {
        var word = options.Word("layout", "chw", "hwc");
        return options.Get("layout") is null ? null : word;
    }

    /// <summary>
    /// The layout of an array for which none was given. Few values at the end and more on both sides before them look like
    /// channels last: square pictures of 1, 3 or 4 channels are taken for that; others ([16, 100, 1] may be 16 channels of a
    /// signal), and those that look as much like one as like the other ([4, 4, 4], [3, 16, 3]), are not guessed.
    /// </summary>
    /// <exception cref="DatasetRejectedException">It must be given.</exception>
    public static string LayoutOf(IReadOnlyList<long> shape)
    {
        if (shape.Count != 4)
        {
            return "chw";
        }

        var (first, middle, last) = (shape[1], shape[2], shape[3]);
        var alike = first == last && first is 3 or 4;
        var looksLast = last <= MostChannels && first > last && middle > last && first is not (1 or 3);
        return looksLast && first == middle && last != 2 ? "hwc"
            : !looksLast && !alike ? "chw"
            : throw new DatasetRejectedException("options.layout", $"is needed for an array of shape [{string.Join(", ", shape)}]: \"hwc\" where the last side holds the channels, \"chw\" where the first of a picture does");
    }

    public int Count { get; }

    public SampleKind Kind { get; }

    public int[] Shape { get; }

    public int Cells { get; }

    /// <summary>How the values are kept: pixels of one byte as they are, all else as floats.</summary>
    public NpyType Stored { get; }

    /// <summary>Bytes of one sample in the array.</summary>
    public int SampleBytes => checked(Cells * _type.Size());

    /// <summary>Appends one sample given as little-endian elements.</summary>
    public void Append(DatasetWriter writer, ReadOnlySpan<byte> bytes)
    {
        if (Stored == NpyType.U1)
        {
            var pixels = new byte[Cells];
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = bytes[Source(i)];
            }

            writer.Append(pixels);
            return;
        }

        var values = new float[Cells];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)_type.ToDouble(bytes, Source(i));
        }

        writer.Append(values);
    }

    /// <summary>Where cell <paramref name="i"/> of [c, h, w] lies in the uploaded sample.</summary>
    private int Source(int i)
    {
        if (!_hwc)
        {
            return i;
        }

        var plane = Shape[1] * Shape[2];
        return (i % plane * Shape[0]) + (i / plane);
    }
}
