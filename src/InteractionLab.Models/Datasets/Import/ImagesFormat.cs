using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Archives;
using InteractionLab.Models.Arrays;
using InteractionLab.Models.Images;
using SkiaSharp;

namespace InteractionLab.Models.Datasets;

/// <summary>
/// PNG, JPEG, WebP and BMP pictures of one size as seen. Grey pictures give one channel, colour three; mixed, all become
/// colour. The summary says how many became so, how many were turned as EXIF data say, laid over white
/// because they are transparent, and rounded from 16 bits to 8.
/// </summary>
internal static class ImagesFormat
{
    private const int LargestFile = 1 << 29;

    public static DatasetSummary Import(ImportRequest request)
    {
        request.Options.Allow("mean", "std", "channels", "labels");
        var normalisation = request.Options.Normalisation();
        var asked = Channels(request.Options);
        var given = request.Options.Integers("labels");
        request.Options.ThrowIfAny();
        using var files = PictureFiles.List(request);
        var (labels, classNames) = Labels(given, files);
        var (info, grey, turned) = Survey(request, files);

        var channels = asked ?? (grey == files.Pictures.Count ? 1 : 3);
        var echo = ImportOptions.Echo(("channels", channels));
        var converted = channels == 3 ? grey : files.Pictures.Count - grey;
        if (converted > 0)
        {
            echo[channels == 3 ? "greyToColour" : "colourToGrey"] = converted;
        }

        if (turned > 0)
        {
            echo["turnedByExif"] = turned;
        }

        if (request.Options.Get("labels") is { ValueKind: JsonValueKind.Array })
        {
            echo["labels"] = new JsonArray([.. labels!.Select(l => (JsonNode)l)]);
        }

        using var writer = new DatasetWriter(request, SampleKind.Image, NpyType.U1, [channels, info.Height, info.Width]);
        files.Restart();
        int white = 0, rounded = 0;
        foreach (var picture in files.Pictures)
        {
            var (pixels, changed) = Named(picture, bytes => (PictureDecoder.DecodePlanar(bytes, PictureDecoder.Probe(bytes, request.Limits.MaxPixels), channels, out var change), change));
            writer.Append(pixels);
            white += changed.HasFlag(PictureChange.LaidOverWhite) ? 1 : 0;
            rounded += changed.HasFlag(PictureChange.Rounded) ? 1 : 0;
        }

        foreach (var (what, count) in new[] { ("laidOverWhite", white), ("roundedTo8Bits", rounded) }.Where(entry => entry.Item2 > 0))
        {
            echo[what] = count;
        }

        return writer.Finish(normalisation, labels, classNames, null, echo);
    }

    /// <summary>Reads every header before any pixel is decoded: the common size, how many pictures are grey, and how many are turned.</summary>
    private static (PictureInfo Info, int Grey, int Turned) Survey(ImportRequest request, PictureFiles files)
    {
        PictureInfo? common = null;
        int grey = 0, turned = 0;
        foreach (var picture in files.Pictures)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            var info = Named(picture, bytes => PictureDecoder.Probe(bytes, request.Limits.MaxPixels));
            common ??= info;
            if ((info.Width, info.Height) != (common.Value.Width, common.Value.Height))
            {
                throw ImportRequest.Fault(picture.Name, $"it has {info.Width} x {info.Height} pixels where {Printable.Text(files.Pictures[0].Name)} has "
                    + $"{common.Value.Width} x {common.Value.Height}; all pictures of a dataset must have one size");
            }

            grey += info.IsColour ? 0 : 1;
            turned += info.Origin == SKEncodedOrigin.TopLeft ? 0 : 1;
        }

        return (common!.Value, grey, turned);
    }

    private static T Named<T>(PictureFile picture, Func<byte[], T> use)
    {
        try
        {
            return use(ReadAll(picture));
        }
        catch (InvalidDataException e)
        {
            throw ImportRequest.Fault(picture.Name, e.Message, e);
        }
    }

    private static byte[] ReadAll(PictureFile picture)
    {
        using var stream = picture.Open();
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int got; (got = stream.Read(buffer)) > 0;)
        {
            bytes.Write(buffer, 0, got);
            if (bytes.Length > LargestFile)
            {
                throw new InvalidDataException($"a picture file of more than {LargestFile} bytes is not read");
            }
        }

        return bytes.ToArray();
    }

    private static (IReadOnlyList<int>? Labels, IReadOnlyList<string>? Names) Labels(int[]? given, PictureFiles files)
    {
        var (labels, names) = files.Classes();
        if (given is null)
        {
            return (labels, names);
        }

        if (labels is not null)
        {
            throw new DatasetRejectedException("options.labels", "the class folders of the zip already give the labels");
        }

        if (given.Length != files.Pictures.Count)
        {
            throw new DatasetRejectedException("options.labels", $"has {given.Length} entries for {files.Pictures.Count} pictures");
        }

        return given.All(l => LabelRange.FromNumber(l) is not null)
            ? (given, null)
            : throw new DatasetRejectedException("options.labels", $"an entry {LabelRange.Fault}");
    }

    private static int? Channels(ImportOptions options)
    {
        switch (options.Get("channels"))
        {
            case null or { ValueKind: JsonValueKind.Null }:
            case { ValueKind: JsonValueKind.String } word when word.GetString() == "auto":
                return null;
            case { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var n) && n is 1 or 3:
                return number.GetInt32();
            default:
                options.Fault("channels", "must be 1, 3 or \"auto\"");
                return null;
        }
    }
}
