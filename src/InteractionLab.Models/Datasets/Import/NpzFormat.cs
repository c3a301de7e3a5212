using System.Globalization;
using InteractionLab.Interactions;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>NumPy archives: samples <c>x</c> and labels <c>y</c>, or games <c>v</c> (an <c>index</c> beside them is not needed and not kept).</summary>
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
            return names.Contains("x") && names.IsSubsetOf(["x", "y"]) ? ImportSamples(request, npz)
                : names.Contains("v") && names.IsSubsetOf(["v", "index"]) ? ImportGames(request, npz)
                : throw new InvalidDataException("it must hold x and perhaps y, or games v and perhaps index, and nothing else");
        }
        catch (InvalidDataException e)
        {
            throw ImportRequest.Fault(file.FileName, e.Message, e);
        }
    }

    private static DatasetSummary ImportSamples(ImportRequest request, NpzReader npz)
    {
        request.Options.Allow("mean", "std", "layout");
        var layout = request.Options.Word("layout", "chw", "hwc");
        var normalisation = request.Options.Normalisation();
        request.Options.ThrowIfAny();
        var labels = npz.Names.Contains("y") ? Named("y", () => ReadLabels(npz)) : null;
        return Named("x", () =>
        {
            using var stream = npz.OpenArray("x", out var header);
            var samples = new ArraySamples(header.Shape, header.Type, layout == "hwc", request.Limits);
            using var writer = new DatasetWriter(request, samples.Kind, samples.Stored, samples.Shape);
            ForEachSample(stream, header, samples.Count, samples.SampleBytes, bytes => samples.Append(writer, bytes));
            return writer.Finish(normalisation, labels, null, null, ImportOptions.Echo(("layout", layout)));
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

    private static int[] ReadLabels(NpzReader npz)
    {
        using var stream = npz.OpenArray("y", out var header);
        if (header.Shape.Count is < 1 or > 2 || header.Shape.Skip(1).Any(d => d != 1))
        {
            throw new InvalidDataException($"labels have the shape [N], not [{string.Join(", ", header.Shape)}]");
        }

        var labels = new List<int>();
        ForEachSample(stream, header, header.Shape[0], header.Type.Size(), bytes =>
        {
            var value = header.Type.ToDouble(bytes, 0);
            labels.Add(LabelRange.FromNumber(value) ?? throw new InvalidDataException($"entry {labels.Count} is {value:R}, which {LabelRange.Fault}"));
        });
        return [.. labels];
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
