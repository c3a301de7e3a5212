using System.Globalization;

namespace InteractionLab.Server.Store;

/// <summary>
/// Where things go that the catalogue does not know: <c>quarantine/{time}/</c> and their path from there. Nothing in it is
/// looked at again; a person moves it back or deletes it (docs/data.md).
/// </summary>
internal sealed partial class Quarantine(DataDirectory data, TimeProvider time, ILogger<Quarantine> log)
{
    /// <summary>The folder of what is set aside now; nothing is created.</summary>
    public string NewFolder() =>
        Path.Combine(data.Quarantine, time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));

    /// <summary>Sets a file or folder of the data directory aside and names it in the log. What cannot be moved stays, and is named too.</summary>
    /// <returns>Whether it was moved.</returns>
    public bool Take(string path, string folder)
    {
        var relative = Path.GetRelativePath(data.Root, path);
        var target = Path.Combine(folder, relative);
        try
        {
            Move(path, target);
            LogTaken(log, relative, Path.GetRelativePath(data.Root, target));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogLeft(log, relative, error.Message);
            return false;
        }
    }

    /// <summary>Moves a file or folder; the target's folder is made.</summary>
    public static void Move(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (Directory.Exists(path))
        {
            Directory.Move(path, target);
        }
        else
        {
            File.Move(path, target);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is not in the catalogue; it was moved to {Target}")]
    private static partial void LogTaken(ILogger logger, string path, string target);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is not in the catalogue and could not be moved to quarantine ({Reason}); it stays")]
    private static partial void LogLeft(ILogger logger, string path, string reason);
}
