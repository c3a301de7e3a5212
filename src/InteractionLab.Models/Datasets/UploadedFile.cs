namespace InteractionLab.Models.Datasets;

/// <summary>A file of an upload, already on disk under a name of our choosing; <paramref name="FileName"/> is only a label.</summary>
public sealed record UploadedFile(string FileName, string Path, long Length);
