namespace InteractionLab.Models.Archives;

/// <summary>Counts bytes that were really unpacked, whatever headers claimed, and stops at a limit.</summary>
internal sealed class UnpackBudget(long most)
{
    private long _taken;

    /// <summary>The limit.</summary>
    public long Most { get; } = most;

    /// <summary>Starts a new pass over the same bytes.</summary>
    public void Restart() => _taken = 0;

    /// <summary>Accounts for <paramref name="bytes"/> more.</summary>
    public void Take(long bytes)
    {
        _taken += bytes;
        if (_taken > Most)
        {
            throw new InvalidDataException($"it unpacks to more than the limit of {Most} bytes");
        }
    }
}
