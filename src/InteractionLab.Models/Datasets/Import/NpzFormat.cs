using System.Globalization;
using System.Text.Json;
using InteractionLab.Interactions;
using InteractionLab.Models.Archives;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>
/// NumPy archives: samples <c>x</c> and labels <c>y</c>, or the arrays that the options of these names name; or games
/// <c>v</c> (an <c>index</c> beside them is not needed and not kept).
/// </summary>
internal static class NpzFormat
{
    private const int MostArrays = 16;
    private const int MostPlayers = 20;

    public static DatasetSummary Import(ImportRequest request)
    {
        var file = request.SingleFile();
        try
        {
            using var npz = new NpzReader(ImportRequest.Open(file), MostArrays, request.Limits.MaxUnpackedBytes);
            var names = npz.Names.ToHashSet(StringComparer.Ordinal);
            return request.Options.Get("x") is not null || request.Options.Get("y") is not null ? ImportSamples(request, npz, Named(request, npz, "x"), Named(request, npz, "y"))
                : names.Contains("x") && names.IsSubsetOf(["x", "y"]) ? ImportSamples(request, npz, "x", names.Contains("y") ? "y" : null)
                : names.Contains("v") && names.IsSubsetOf(["v", "index"]) ? ImportGames(request, npz)
                : throw new InvalidDataException("it must hold x and perhaps y, or games v and perhaps index, and nothing else; of others "
                    + $"({Printable.Text(string.Join(", ", npz.Names))}) the options x and y name the samples and the labels");
        }
        catch (InvalidDataException e)
        {
            throw ImportRequest.Fault(file.FileName, e.Message, e);
        }
    }

    /// <summary>The array that an option names; where it is absent the one of the option's own name, if there is one.</summary>
    private static string? Named(ImportRequest request, NpzReader npz, string option)
    {
        switch (request.Options.Get(option))
        {
            case null when npz.Names.Contains(option):
                return option;
            case null or { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.String } name when npz.Names.Contains(name.GetString()!):
                return name.GetString();
            default:
                request.Options.Fault(option, $"must be the name of an array; the file holds {Printable.Text(string.Join(", ", npz.Names))}");
                return null;
        }
    }

    private static DatasetSummary ImportSamples(ImportRequest request, NpzReader npz, string? x, string? y)
    {
        request.Options.Allow("mean", "std", "layout", "x", "y");
        var layout = ArraySamples.AskedLayout(request.Options);
        var normalisation = request.Options.Normalisation();
        if (x is null)
        {
            request.Options.Fault("x", "is needed: the name of the array of samples");
        }

        request.Options.ThrowIfAny();
        var (labels, oneHotClasses) = y is null ? (null, 0) : Named(y, () => ReadLabels(npz, y));
        return Named(x!, () =>
        {
            using var stream = npz.OpenArray(x!, out var header);
            layout ??= ArraySamples.LayoutOf(header.Shape);
            var samples = new ArraySamples(header.Shape, header.Type, layout == "hwc", request.Limits);
            using var writer = new DatasetWriter(request, samples.Kind, samples.Stored, samples.Shape);
            ForEachSample(stream, header, samples.Count, samples.SampleBytes, bytes => samples.Append(writer, bytes));
            var echo = ImportOptions.Echo(("layout", layout));
            if ((x, y) is not ("x", null or "y"))
            {
                (echo["x"], echo["y"]) = (Printable.Text(x!), y is null ? null : Printable.Text(y));
            }

            if (oneHotClasses > 0)
            {
                echo["oneHotLabels"] = true;
            }

            return writer.Finish(normalisation, labels, null, null, echo, oneHotClasses);
        });
    }

    private static DatasetSummary ImportGames(ImportRequest request, NpzReader npz)
    {
        request.Options.Allow();
        request.Options.ThrowIfAny();
        return Named("v", () =>
        {
            using var stream = npz.OpenArray("v", out var header);
            if (header.Shape.Count != 2 || header.Shape[1] is < 2 or > 1 << MostPlayers || !long.IsPow2(header.Shape[1]))
            {
                throw new InvalidDataException($"games have the shape [games, 2^n] with n from 1 to {MostPlayers}, not [{string.Join(", ", header.Shape)}]");
            }

            var size = (int)header.Shape[1];
            using var writer = new DatasetWriter(request, SampleKind.Games, NpyType.F8, [size]);
            var game = new double[size];
            var read = 0L;
            ForEachSample(stream, header, header.Shape[0], size * header.Type.Size(), bytes =>
            {
                for (var i = 0; i < size; i++)
                {
                    game[i] = header.Type.ToDouble(bytes, i);
                    if (Math.Abs(game[i]) > Game.LargestValue && double.IsFinite(game[i]))
                    {
                        throw new InvalidDataException(string.Create(
                            CultureInfo.InvariantCulture, $"game {read}, mask {i} is {game[i]:R}, beyond 1e300: interactions could leave the range of a double"));
                    }
                }

                read++;
                writer.Append(game);
            });
            return writer.Finish(Normalisation.None, null, null, null, ImportOptions.Echo());
        });
    }

    /// <summary>Walks over the first axis. In C order nothing but one sample is in memory; Fortran order needs the array.</summary>
    private static void ForEachSample(Stream stream, NpyHeader header, long count, int sampleBytes, Action<byte[]> use)
    {
        if (header.FortranOrder && header.Shape.Count > 1)
        {
            stream = new MemoryStream(RowMajorBytes(stream, header));
        }

        var sample = new byte[sampleBytes];
        for (long i = 0; i < count; i++)
        {
            if (stream.ReadAtLeast(sample, sampleBytes, throwOnEndOfStream: false) < sampleBytes)
            {
                throw new InvalidDataException($"the array ends inside sample {i} of {count}");
            }

            use(sample);
        }

        if (stream.ReadByte() >= 0)
        {
            throw new InvalidDataException("bytes follow the array's last element");
        }
    }

    private static byte[] RowMajorBytes(Stream stream, NpyHeader header) => header.Type.Size() switch
    {
        1 => Bytes<byte>(stream, header),
        2 => Bytes<ushort>(stream, header),
        4 => Bytes<uint>(stream, header),
        _ => Bytes<ulong>(stream, header),
    };

    private static byte[] Bytes<T>(Stream stream, NpyHeader header)
        where T : unmanaged =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(NpzReader.ReadAll<T>(stream, header).AsSpan()).ToArray();

    /// <summary>Labels [N] or [N, 1], or one-hot [N, classes] with their number of classes (else 0).</summary>
    private static (int[] Labels, int OneHotClasses) ReadLabels(NpzReader npz, string y)
    {
        using var stream = npz.OpenArray(y, out var header);
        var classes = header.Shape.Count == 2 ? header.Shape[1] : 1;
        if (header.Shape.Count is < 1 or > 2 || classes is < 1 or > LabelRange.Largest)
        {
            throw new InvalidDataException($"labels have the shape [N] or, one-hot, [N, classes], not [{string.Join(", ", header.Shape)}]");
        }

        var labels = new List<int>();
        ForEachSample(stream, header, header.Shape[0], (int)classes * header.Type.Size(), bytes =>
        {
            var label = classes > 1 ? OneHot(bytes, header.Type, (int)classes) : header.Type.ToDouble(bytes, 0);
            labels.Add(label is null ? throw new InvalidDataException($"labels have the shape [N] or, one-hot, [N, classes]; row {labels.Count} of [{string.Join(", ", header.Shape)}] is not a single 1 among zeros")
                : LabelRange.FromNumber(label.Value) ?? throw new InvalidDataException($"entry {labels.Count} is {label:R}, which {LabelRange.Fault}"));
        });
        return ([.. labels], classes > 1 ? (int)classes : 0);
    }

    private static double? OneHot(ReadOnlySpan<byte> row, NpyType type, int classes)
    {
        double? label = null;
        for (var i = 0; i < classes; i++)
        {
            var value = type.ToDouble(row, i);
            if (value != 0 && (value != 1 || label is not null))
            {
                return null;
            }

            label = value == 1 ? i : label;
        }

        return label;
    }

    private static T Named<T>(string array, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{array}: {e.Message}", e);
        }
    }
}
