namespace InteractionLab.Experiments;

/// <summary>
/// What jobs leave for later ones: outputs of networks by key, so that no game is run twice. It may lose any entry at any
/// time; whoever finds none computes again. Safe for several threads. Neither method throws for a fault of the disk.
/// </summary>
public interface IValueCache
{
    /// <summary>The bytes kept under a key, or null. They may be damaged: the reader checks them.</summary>
    /// <param name="key">64 lower-case hexadecimal digits.</param>
    byte[]? Find(string key);

    /// <summary>Whether something is kept under a key; does not count as a use of it.</summary>
    /// <param name="key">64 lower-case hexadecimal digits.</param>
    bool Has(string key) => Find(key) is not null;

    /// <summary>Keeps bytes under a key; what was there is replaced.</summary>
    /// <param name="key">64 lower-case hexadecimal digits.</param>
    /// <param name="bytes">The entry.</param>
    void Keep(string key, ReadOnlySpan<byte> bytes);
}
