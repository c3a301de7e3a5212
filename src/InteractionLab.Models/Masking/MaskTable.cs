namespace InteractionLab.Models.Masking;

/// <summary>
/// The table of <see cref="MaskForm.Product"/>. Line i is the feature on player i's cells and 0 elsewhere, line n + i the
/// baseline there, and the last line what the cells of no player hold; a mask has a 1 for each line that is in force. Each
/// cell is thus one number times 1 plus numbers times 0: exact, for finite numbers. Where the baseline is 0 on all
/// players' cells, the lines of it are left out.
/// </summary>
internal sealed class MaskTable
{
    // Beyond this, reading the table costs as much as choosing cell by cell.
    private const int MostPlayers = 32;
    private const int MostNumbers = 1 << 20;
    private readonly int players;

    private MaskTable(int players, bool hasBaseline)
    {
        this.players = players;
        HasBaseline = hasBaseline;
    }

    /// <summary>Whether the baseline has lines.</summary>
    public bool HasBaseline { get; }

    /// <summary>Lines of the table, which is columns of the mask.</summary>
    public int Lines => (HasBaseline ? 2 * players : players) + 1;

    /// <summary>Whether a table pays for masks of so many players over so many cells.</summary>
    public static bool Fits(int players, long cells) => players <= MostPlayers && ((2 * players) + 1) * cells <= MostNumbers;

    /// <summary>The table's form for an evaluation; null where it would not be exact.</summary>
    public static MaskTable? For(MaskedInputs inputs)
    {
        if (!Fits(inputs.Players, inputs.Feature.Length) || !Array.TrueForAll(inputs.Feature, float.IsFinite) || !Array.TrueForAll(inputs.Baseline, float.IsFinite))
        {
            return null;
        }

        var layout = inputs.Layout;
        var hasBaseline = false;
        for (var cell = 0; cell < inputs.Baseline.Length && !hasBaseline; cell++)
        {
            hasBaseline = inputs.Baseline[cell] != 0 && layout.ColumnOf(cell) < inputs.Players;
        }

        return new MaskTable(inputs.Players, hasBaseline);
    }

    /// <summary>Fills a table of <see cref="Lines"/> times as many numbers as a sample has cells.</summary>
    public void Fill(MaskedInputs inputs, Span<float> table)
    {
        table.Clear();
        var cells = inputs.Feature.Length;
        for (var cell = 0; cell < cells; cell++)
        {
            var column = inputs.Layout.ColumnOf(cell);
            if (column < players)
            {
                table[(column * cells) + cell] = inputs.Feature[cell];
                if (HasBaseline)
                {
                    table[((players + column) * cells) + cell] = inputs.Baseline[cell];
                }
            }
            else
            {
                table[((Lines - 1) * cells) + cell] = column == players ? inputs.Feature[cell] : inputs.Baseline[cell];
            }
        }
    }

    /// <summary>Fills all rows of <paramref name="lines"/> with masks from <paramref name="first"/> on; rows beyond <paramref name="count"/> repeat the last.</summary>
    public void Write(Span<float> lines, MaskWords masks, int first, int count)
    {
        for (var row = 0; row < lines.Length / Lines; row++)
        {
            var mask = masks[first + Math.Min(row, count - 1)];
            var line = lines.Slice(row * Lines, Lines);
            for (var player = 0; player < players; player++)
            {
                var present = (mask[player >> 6] >> (player & 63)) & 1;
                line[player] = present;
                if (HasBaseline)
                {
                    line[players + player] = 1 - present;
                }
            }

            line[^1] = 1;
        }
    }
}
