namespace InteractionLab.Interactions;

/// <summary>The state and work space of one game in <see cref="SplittingEngine"/>; tables of 2^n, y by complement.</summary>
internal sealed class SplittingGame
{
    private readonly AlignedTables _tables;

    public SplittingGame(ReadOnlySpan<double> w, double zeta)
    {
        _tables = new AlignedTables(10, w.Length);
        w.CopyTo(W);
        Zeta = zeta;
    }

    /// <summary>The bound of |δ|.</summary>
    public double Zeta { get; }

    /// <summary>w_S = v(S) - v(∅), scaled.</summary>
    public Span<double> W => _tables[0];

    public Span<double> Tx => _tables[1];

    public Span<double> Ty => _tables[2];

    public Span<double> Td => _tables[3];

    public Span<double> Zx => _tables[4];

    public Span<double> Zy => _tables[5];

    public Span<double> Zd => _tables[6];

    public Span<double> Lambda => _tables[7];

    public Span<double> A => _tables[8];

    public Span<double> B => _tables[9];
}
