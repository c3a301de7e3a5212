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
            foreach (var folder in new[] { Root, Files, Models, Datasets, Jobs, Temporary })
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

    /// <summary>One manifest a model; its bytes are among <see cref="Files"/>.</summary>
    public string Models => Path.Combine(Root, "models");

    /// <summary>One folder a dataset.</summary>
    public string Datasets => Path.Combine(Root, "datasets");

    /// <summary>One folder a job, with its result.</summary>
    public string Jobs => Path.Combine(Root, "jobs");

    /// <summary>Outputs of networks, kept for later jobs; may be deleted at any time.</summary>
    public string Values => Path.Combine(Root, "cache", "values");

    /// <summary>How fast this machine did what; may be deleted at any time.</summary>
    public string Speeds => Path.Combine(Root, "cache", "speeds.json");

    /// <summary>What lay here and was not understood, by the time it was set aside; may be deleted at any time.</summary>
    public string Quarantine => Path.Combine(Root, "quarantine");

    /// <summary>Space that is held for a full disk.</summary>
    public string Reserve => Path.Combine(Root, "reserve");

    /// <summary>A backup that is being put back.</summary>
    public string Restoring => Path.Combine(Root, "restoring");

    /// <summary>Files in the making; emptied at start.</summary>
    public string Temporary => Path.Combine(Root, "tmp");

    /// <summary>What a person may do whose catalogue was lost or damaged.</summary>
    public static string WhatToDo(string root) =>
        $"Make the catalogue again from the files with './run.sh recover --data {root}', put a backup back with './run.sh restore FILE --data {root}', or use another data directory.";

    /// <summary>A new name in <see cref="Temporary"/>; nothing is created.</summary>
    public string NewTemporary() => Path.Combine(Temporary, Guid.NewGuid().ToString("N"));

    /// <summary>Deletes a folder whose row is gone: first out of its place, so that a killed process leaves no half of it there.</summary>
    public void Delete(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        var temporary = NewTemporary();
        try
        {
            Directory.Move(folder, temporary);
        }
        catch (Exception error) when (DiskFull.Is(error))
        {
            // Even a name may need space.
            temporary = folder;
        }

        Directory.Delete(temporary, recursive: true);
    }

    /// <summary>
    /// Takes the directory for this process until it is disposed; before that nobody may change what is in it. Waits a
    /// moment for a server that is on its way out: a killed one keeps its lock until the system has cleared it away.
    /// </summary>
    /// <exception cref="DataDirectoryException">Another server has it, or the lock cannot be written.</exception>
    public async Task LockAsync(TimeProvider time, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (!TryLock(LockFile, refuse: time.GetElapsedTime(start) >= Patience))
        {
            await Task.Delay(Pause, time, cancellation);
        }
    }

    /// <summary>Takes the directory where nobody has it.</summary>
    public bool TryLock() => TryLock(LockFile, refuse: false);

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    private string LockFile => Path.Combine(Root, "lab.lock");

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
internal sealed class DataDirectoryException(string message, Exception? inner = null) : Exception(message, inner);
