using InteractionLab.Server.Errors;
using Microsoft.Data.Sqlite;

namespace InteractionLab.Server.Store;

/// <summary>
/// Space on the data directory's disk that is kept for what must work when there is no other: deletions, cancellations, and
/// the words on why a job failed are rows in the store too. A file of <see cref="Size"/> bytes holds it. Whoever finds the disk
/// full in such a moment lets go of it; until it is taken back, which everybody tries who wants to store something, nothing
/// new is stored.
/// </summary>
internal sealed partial class DiskReserve(DataDirectory data, ILogger<DiskReserve> log)
{
    /// <summary>Bytes held.</summary>
    public const long Size = 8 << 20;

    // What is less is as good as nothing.
    private const long Least = 1 << 20;

    private readonly Lock _lock = new();
    private bool _started;
    private bool _held;

    /// <summary>Begins to hold space, at the end of a start; before it the start itself may use what the last process held.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _started = true;
        }

        if (!HasRoom())
        {
            LogFull(log, data.Root);
        }
    }

    /// <summary>Whether there is space for new things; where there was none it is looked for again.</summary>
    public bool HasRoom()
    {
        lock (_lock)
        {
            if (!_started || (_held && Free() > Least))
            {
                return true;
            }

            if (_held)
            {
                return false;
            }

            _held = TryTake();
            if (_held)
            {
                LogRoom(log, data.Root);
            }

            return _held;
        }
    }

    /// <summary>Requires space for new things.</summary>
    /// <exception cref="DiskFullException">There is none.</exception>
    public void RequireRoom()
    {
        if (!HasRoom())
        {
            throw new DiskFullException(data.Root);
        }
    }

    /// <summary>Gives the space back; what is stored next has it.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _held = false;
            try
            {
                File.Delete(data.Reserve);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                LogUnreleased(log, error.Message);
            }
        }
    }

    /// <summary>Does what must be done also when the disk is full, in the space that is held for it.</summary>
    public async Task<T> EssentialAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (DiskFull.Is(error))
        {
            LogFull(log, data.Root);
            Release();
            return await work();
        }
    }

    private long Free()
    {
        try
        {
            return new DriveInfo(data.Root).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Who cannot be asked is taken for not full: a write will say.
            return long.MaxValue;
        }
    }

    private bool TryTake()
    {
        try
        {
            File.Delete(data.Reserve);

            // What is held must be more than what this takes: the store grows a little before the next look.
            if (Free() < 2 * Size)
            {
                return false;
            }

            // Blocks are given to it at once.
            using var file = new FileStream(data.Reserve, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = Size });
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The disk of the data directory {Root} is full")]
    private static partial void LogFull(ILogger logger, string root);

    [LoggerMessage(Level = LogLevel.Information, Message = "The disk of the data directory {Root} has space")]
    private static partial void LogRoom(ILogger logger, string root);

    [LoggerMessage(Level = LogLevel.Error, Message = "The space that is held for a full disk cannot be given back: {Reason}")]
    private static partial void LogUnreleased(ILogger logger, string reason);
}

/// <summary>Errors that say that a disk is full, whoever throws them.</summary>
internal static class DiskFull
{
    private const int SqliteFull = 13;
    private const int NoSpace = 28;
    private const int Quota = 122;
    private const int WindowsNoSpace = 112;

    /// <summary>Whether this error, or one that it was made of, says that a disk is full.</summary>
    public static bool Is(Exception? error) => error switch
    {
        null => false,
        DiskFullException => true,
        SqliteException { SqliteErrorCode: SqliteFull } => true,
        SQLite.SQLiteException { Result: SQLite.SQLite3.Result.Full } => true,
        IOException { HResult: var code } when (code & 0xFFFF) is NoSpace or Quota or WindowsNoSpace => true,
        AggregateException many => many.InnerExceptions.Any(Is),
        _ => Is(error.InnerException),
    };
}
