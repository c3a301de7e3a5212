namespace InteractionLab.Server.Store;

/// <summary>
/// The data directory and its layout. <see cref="LockAsync"/> takes it for this process: the lock is an advisory file lock
/// of the operating system, which a killed process releases too.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private FileStream? _lock;

    /// <summary>Creates what is missing.</summary>
    /// <exception cref="DataDirectoryException">It cannot be written.</exception>
    public DataDirectory(string root)
    {
        Root = Path.GetFullPath(root);
        try
        {
            foreach (var folder in new[] { Root, Files, Datasets, Jobs, Temporary })
            {
                Directory.CreateDirectory(folder);
            }

            using (File.Create(Path.Combine(Temporary, ".writable"), 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DataDirectoryException($"The data directory {Root} cannot be written: {error.Message}", error);
        }
    }

    /// <summary>The directory itself, absolute.</summary>
    public string Root { get; }

    /// <summary>The store.</summary>
    public string Database => Path.Combine(Root, "lab.db");

    /// <summary>What the queue carries: derived from the store, and made anew at each start.</summary>
    public string QueueDatabase => Path.Combine(Root, "queue.db");

    /// <summary>Content-addressed files.</summary>
    public string Files => Path.Combine(Root, "files");

    /// <summary>One folder a dataset.</summary>
    public string Datasets => Path.Combine(Root, "datasets");

    /// <summary>One folder a job, with its result.</summary>
    public string Jobs => Path.Combine(Root, "jobs");

    /// <summary>Outputs of networks, kept for later jobs; may be deleted at any time.</summary>
    public string Values => Path.Combine(Root, "cache", "values");

    /// <summary>How fast this machine did what; may be deleted at any time.</summary>
    public string Speeds => Path.Combine(Root, "cache", "speeds.json");

    /// <summary>Files in the making; emptied at start.</summary>
    public string Temporary => Path.Combine(Root, "tmp");

    /// <summary>A new name in <see cref="Temporary"/>; nothing is created.</summary>
    public string NewTemporary() => Path.Combine(Temporary, Guid.NewGuid().ToString("N"));

    /// <summary>
    /// Takes the directory for this process until it is disposed; before that nobody may change what is in it. Waits a
    /// moment for a server that is on its way out: a killed one keeps its lock until the system has cleared it away.
    /// </summary>
    /// <exception cref="DataDirectoryException">Another server has it, or the lock cannot be written.</exception>
    public async Task LockAsync(TimeProvider time, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (!TryLock(Path.Combine(Root, "lab.lock"), refuse: time.GetElapsedTime(start) >= Patience))
        {
            await Task.Delay(Pause, time, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    private bool TryLock(string path, bool refuse)
    {
        try
        {
            _lock = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException error)
        {
            return !refuse ? false : throw new DataDirectoryException($"The data directory {Root} is in use by another server.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new DataDirectoryException($"The data directory {Root} cannot be written: {error.Message}", error);
        }
    }
}

/// <summary>The data directory cannot be used; the message is for the person who started the server.</summary>
internal sealed class DataDirectoryException(string message, Exception inner) : Exception(message, inner);
