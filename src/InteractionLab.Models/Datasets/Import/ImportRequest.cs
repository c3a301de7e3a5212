using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Datasets;

/// <summary>One upload on its way in.</summary>
internal sealed record ImportRequest(IReadOnlyList<UploadedFile> Files, string Format, ImportOptions Options, string Folder, ImportLimits Limits, CancellationToken Cancellation)
{
    /// <summary>The only file, for formats that take one.</summary>
    public UploadedFile SingleFile() => Files.Count == 1
        ? Files[0]
        : throw new DatasetRejectedException("files", $"{Format} takes exactly one file; {Files.Count} were sent");

    /// <summary>Opens an uploaded file; an empty one is refused.</summary>
    public static FileStream Open(UploadedFile file)
    {
        var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        if (stream.Length > 0)
        {
            return stream;
        }

        stream.Dispose();
        throw Fault(file.FileName, "it is empty");
    }

    /// <summary>A fault of one file.</summary>
    public static DatasetRejectedException Fault(string fileName, string message, Exception? inner = null) =>
        new("files", $"{Printable.Text(fileName)}: {message}", inner);
}
