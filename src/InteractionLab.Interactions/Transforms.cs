namespace InteractionLab.Interactions;

/// <summary>
/// The linear maps between tables over masks and their interactions (method.md §2), in place, O(n 2^n), and their
/// adjoints under the plain inner product. Each is a Kronecker power of a 2x2 matrix, up to the order reversal of
/// complements, so a 2^n x 2^n matrix is never formed. Tables have 2^n entries, 0 ≤ n ≤ <see cref="Game.MaxPlayers"/>;
/// <c>threads</c> is the most threads used (1 by default; small tables always use one). Results do not depend on it.
/// </summary>
public static class Transforms
{
    /// <summary>Zeta transform: S ↦ Σ_{L⊆S} t_L. Maps AND interactions to the outputs they add up to.</summary>
    public static void Zeta(Span<double> table, int threads = 1) => Butterfly.Run<SubsetSum>(table, threads);

    /// <summary>Möbius transform, the inverse of <see cref="Zeta"/>: T ↦ Σ_{L⊆T} (-1)^{|T|-|L|} t_L. Harsanyi dividends.</summary>
    public static void Mobius(Span<double> table, int threads = 1) => Butterfly.Run<SubsetDifference>(table, threads);

    /// <summary>Adjoint of <see cref="Zeta"/>: T ↦ Σ_{S⊇T} t_S.</summary>
    public static void ZetaAdjoint(Span<double> table, int threads = 1) => Butterfly.Run<SupersetSum>(table, threads);

    /// <summary>Adjoint of <see cref="Mobius"/>: L ↦ Σ_{T⊇L} (-1)^{|T|-|L|} t_T.</summary>
    public static void MobiusAdjoint(Span<double> table, int threads = 1) => Butterfly.Run<SupersetDifference>(table, threads);

    /// <summary>
    /// OR transform: S ↦ Σ_{T∩S≠∅} t_T. Maps OR interactions to the outputs they add up to. The matrix is symmetric,
    /// so this is its own adjoint. Entry 0 of the argument triggers nowhere; entry 0 of the result is 0.
    /// </summary>
    public static void OrZeta(Span<double> table, int threads = 1)
    {
        // Σ_{T∩S≠∅} t_T = Σ_{T≠∅} t_T - Σ_{∅≠T⊆N\S} t_T.
        table[0] = 0;
        Zeta(table, threads);
        var total = table[^1];
        table.Reverse();
        Butterfly.SubtractFrom(total, table);
    }

    /// <summary>
    /// Inverse of <see cref="OrZeta"/>: T ↦ - Σ_{L⊆T} (-1)^{|T|-|L|} t_{N\L}. For T = ∅ this is -t_N, which belongs to no
    /// interaction: with that entry set to 0 and t_∅ = 0, <see cref="OrZeta"/> gives t back.
    /// </summary>
    public static void OrMobius(Span<double> table, int threads = 1)
    {
        table.Reverse();
        Mobius(table, threads);
        Butterfly.SubtractFrom(0, table);
    }

    /// <summary>Adjoint of <see cref="OrMobius"/> (all 2^n entries, T = ∅ included).</summary>
    public static void OrMobiusAdjoint(Span<double> table, int threads = 1)
    {
        MobiusAdjoint(table, threads);
        table.Reverse();
        Butterfly.SubtractFrom(0, table);
    }
}
