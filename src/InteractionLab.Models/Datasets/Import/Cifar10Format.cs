using InteractionLab.Models.Archives;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>CIFAR-10 binary batches: records of a label byte and 3 x 32 x 32 pixels, one colour plane after the other.</summary>
internal static class Cifar10Format
{
    private const int Side = 32;
    private const int Pixels = 3 * Side * Side;
    private const int Record = 1 + Pixels;
    private const int ClassCount = 10;
    private const int LongestNames = 4096;

    public static DatasetSummary Import(ImportRequest request)
    {
        request.Options.Allow("mean", "std");
        var normalisation = request.Options.Normalisation();
        request.Options.ThrowIfAny();
        var names = request.Files.Where(IsText).ToList();
        var batches = request.Files.Where(f => !IsText(f)).ToList();
        if (names.Count > 1 || batches.Count == 0)
        {
            throw new DatasetRejectedException("files", "cifar10 takes one or more binary batches and at most one text file of class names");
        }

        var classNames = names.Count == 1 ? ReadNames(names[0]) : null;
        var labels = new List<int>();
        using var writer = new DatasetWriter(request, SampleKind.Image, NpyType.U1, [3, Side, Side]);
        foreach (var batch in batches)
        {
            ReadBatch(batch, writer, labels);
        }

        return writer.Finish(normalisation, labels, classNames, null, ImportOptions.Echo(), ClassCount);
    }

    private static bool IsText(UploadedFile file) => file.FileName.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);

    private static void ReadBatch(UploadedFile file, DatasetWriter writer, List<int> labels)
    {
        using var stream = ImportRequest.Open(file);
        if (stream.Length % Record != 0)
        {
            throw ImportRequest.Fault(file.FileName, $"its {stream.Length} bytes are not a whole number of records of {Record} bytes: truncated, or no CIFAR-10 binary batch");
        }

        var record = new byte[Record];
        for (var n = stream.Length / Record; n > 0; n--)
        {
            stream.ReadExactly(record);
            if (record[0] >= ClassCount)
            {
                throw ImportRequest.Fault(file.FileName, $"record {(stream.Position / Record) - 1} has label {record[0]}; labels are 0 to {ClassCount - 1}");
            }

            labels.Add(record[0]);
            writer.Append(record.AsSpan(1));
        }
    }

    private static List<string> ReadNames(UploadedFile file)
    {
        using var stream = ImportRequest.Open(file);
        if (stream.Length > LongestNames)
        {
            throw ImportRequest.Fault(file.FileName, $"a list of class names is not longer than {LongestNames} bytes");
        }

        using var reader = new StreamReader(stream);
        var names = reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Printable.Text).ToList();
        return names.Count == ClassCount
            ? names
            : throw ImportRequest.Fault(file.FileName, $"it names {names.Count} classes; CIFAR-10 has {ClassCount}");
    }
}
