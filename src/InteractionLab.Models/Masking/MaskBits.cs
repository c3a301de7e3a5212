namespace InteractionLab.Models.Masking;

/// <summary>Masks as the graph takes them: a truth value a player, then one that is true and one that is false.</summary>
internal static class MaskBits
{
    /// <summary>Fills all rows of <paramref name="bits"/> with masks from <paramref name="first"/> on; rows beyond <paramref name="count"/> repeat the last.</summary>
    public static void Write(Span<bool> bits, MaskWords masks, int first, int count, int players)
    {
        var columns = players + 2;
        for (var row = 0; row < bits.Length / columns; row++)
        {
            var mask = masks[first + Math.Min(row, count - 1)];
            var line = bits.Slice(row * columns, columns);
            for (var player = 0; player < players; player++)
            {
                line[player] = ((mask[player >> 6] >> (player & 63)) & 1) != 0;
            }

            line[players] = true;
            line[players + 1] = false;
        }
    }
}
