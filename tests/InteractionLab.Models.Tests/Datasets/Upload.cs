using System.Text.Json;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Tests.Datasets;

/// <summary>Files on disk for one import, and the folder it writes into.</summary>
internal sealed class Upload : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lab-dataset-").FullName;
    private readonly List<UploadedFile> _files = [];

    public Upload() => Directory.CreateDirectory(Folder);

    public string Folder => Path.Combine(_root, "dataset");

    public ImportLimits Limits { get; init; } = new();

    public Upload Add(string name, byte[] bytes)
    {
        var path = Path.Combine(_root, $"upload{_files.Count}");
        File.WriteAllBytes(path, bytes);
        _files.Add(new UploadedFile(name, path, bytes.Length));
        return this;
    }

    public Upload Add(string name, string text) => Add(name, System.Text.Encoding.UTF8.GetBytes(text));

    public Upload AddFile(string path)
    {
        _files.Add(new UploadedFile(Path.GetFileName(path), path, new FileInfo(path).Length));
        return this;
    }

    public DatasetSummary Import(string format, string options = "{}") =>
        DatasetImporter.Import(_files, format, JsonElement.Parse(options), Folder, Limits, TestContext.Current.CancellationToken);

    public IDataset Open(string format, string options = "{}")
    {
        Import(format, options);
        return DatasetReader.Open(Folder);
    }

    /// <summary>Imports what must be refused, and checks the field, a part of the message, and that nothing is left behind.</summary>
    public void Refused(string format, string field, string message, string options = "{}")
    {
        var e = Assert.Throws<DatasetRejectedException>(() => Import(format, options));
        Assert.Equal(field, e.Field);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
