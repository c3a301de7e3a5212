namespace InteractionLab.Interactions;

/// <summary>
/// Distinct masks over any number of players. Row k has <see cref="Words"/> 64-bit words; bit i % 64 of word i / 64 says
/// that player i is present.
/// </summary>
public sealed class MaskList
{
    // Open addressing: a place plus one, 0 where empty; at most half full.
    private int[] _slots = new int[64];
    private readonly List<ulong> _bits = [];

    /// <summary>An empty list.</summary>
    /// <param name="players">n, at least 1.</param>
    public MaskList(int players)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 1);
        Players = players;
        Words = (players + 63) / 64;
    }

    /// <summary>n.</summary>
    public int Players { get; }

    /// <summary>64-bit words of one mask.</summary>
    public int Words { get; }

    /// <summary>How many masks there are.</summary>
    public int Count => _bits.Count / Words;

    /// <summary>The words of all masks, row by row; valid until a mask is added.</summary>
    public ReadOnlySpan<ulong> Bits => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bits);

    /// <summary>The words of mask <paramref name="index"/>.</summary>
    public ReadOnlySpan<ulong> this[int index] => Bits.Slice(index * Words, Words);

    /// <summary>Whether player <paramref name="player"/> is present in mask <paramref name="index"/>.</summary>
    public bool Has(int index, int player) => ((this[index][player >> 6] >> (player & 63)) & 1) != 0;

    /// <summary>The place of a mask, which is added where it is new.</summary>
    /// <param name="mask"><see cref="Words"/> words; bits from n on must be 0.</param>
    public int Place(ReadOnlySpan<ulong> mask)
    {
        if (mask.Length != Words)
        {
            throw new ArgumentException($"A mask of {Players} players has {Words} words; {mask.Length} were given.", nameof(mask));
        }

        var slot = Find(mask);
        if (_slots[slot] > 0)
        {
            return _slots[slot] - 1;
        }

        foreach (var word in mask)
        {
            _bits.Add(word);
        }

        _slots[slot] = Count;
        if (2 * Count >= _slots.Length)
        {
            Grow();
        }

        return Count - 1;
    }

    // The slot that holds the mask, or the empty one where it belongs.
    private int Find(ReadOnlySpan<ulong> mask)
    {
        var slot = (int)(Hash(mask) & (ulong)(_slots.Length - 1));
        while (_slots[slot] > 0 && !this[_slots[slot] - 1].SequenceEqual(mask))
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }

    private void Grow()
    {
        _slots = new int[2 * _slots.Length];
        for (var place = 0; place < Count; place++)
        {
            _slots[Find(this[place])] = place + 1;
        }
    }

    private static ulong Hash(ReadOnlySpan<ulong> mask)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var word in mask)
        {
            hash = unchecked((hash ^ word) * 0x9E3779B97F4A7C15UL);
            hash ^= hash >> 32;
        }

        return hash;
    }
}
