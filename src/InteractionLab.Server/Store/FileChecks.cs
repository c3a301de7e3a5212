using System.Collections.Concurrent;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Store;

/// <summary>
/// Whether stored files are what was stored. A file is read once in the life of a process, and again where its length or the
/// time of its last change is another than it was then.
/// </summary>
internal sealed partial class FileChecks(DataDirectory data, ILogger<FileChecks> log)
{
    private readonly ConcurrentDictionary<string, (long Length, DateTime Changed)> _sound = new(StringComparer.Ordinal);

    /// <summary>Requires that a file has the bytes that were stored.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="sha256">The hash of what was stored.</param>
    /// <param name="what">What it is to a person: <c>The file of the model 'a'</c>.</param>
    /// <param name="remedy">What to do, as a sentence.</param>
    /// <exception cref="DamagedException">It is damaged or missing.</exception>
    public void Require(string path, string sha256, string what, string remedy)
    {
        if (Fault(path, sha256) is { } fault)
        {
            throw new DamagedException($"{what} is {fault}: {Path.GetRelativePath(data.Root, path)}. {remedy}");
        }
    }

    /// <summary>Requires that the file of a model is what was uploaded.</summary>
    /// <exception cref="DamagedException">It is damaged or missing.</exception>
    public void RequireModel(FileStore files, ModelRow model) =>
        Require(files.PathOf(model.Sha256), model.Sha256, $"The file of the model '{model.Name}'", "Upload the same file again to mend it.");

    /// <summary>A file was put in its place this moment, from bytes of that hash.</summary>
    public void Trust(string path)
    {
        var file = new FileInfo(path);
        _sound[path] = (file.Length, file.LastWriteTimeUtc);
    }

    /// <summary><c>damaged</c> or <c>missing</c>, in the log too; null of a file that is as it was stored.</summary>
    public string? Fault(string path, string sha256)
    {
        try
        {
            var file = new FileInfo(path);
            if (_sound.TryGetValue(path, out var then) && file.Exists && then == (file.Length, file.LastWriteTimeUtc))
            {
                return null;
            }

            if (FileHashes.Of(path) == sha256)
            {
                _sound[path] = (file.Length, file.LastWriteTimeUtc);
                return null;
            }

            LogFault(log, "damaged", path);
            return "damaged";
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            LogFault(log, "missing", path);
            return "missing";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A sector that cannot be read is damage as well.
            LogFault(log, error.Message, path);
            return "damaged";
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A stored file is {Fault}: {Path}")]
    private static partial void LogFault(ILogger logger, string fault, string path);
}
