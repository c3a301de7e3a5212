using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace InteractionLab.Interactions;

/// <summary>
/// Equal tables in one pinned block, each at a cache line and at different places of a page, so that vectors never
/// straddle lines and a store is never mistaken for a load of another table. Zero at first; freed by the collector.
/// </summary>
internal sealed class AlignedTables
{
    private const int Line = 8;

    private readonly double[] _memory;
    private readonly int _first;
    private readonly int _stride;

    public AlignedTables(int count, int length)
    {
        Length = length;

        // Five lines of padding put table k at 320 k bytes into its page.
        _stride = ((length + Line - 1) / Line * Line) + (5 * Line);
        _memory = GC.AllocateArray<double>((count * _stride) + Line, pinned: true);
        _first = Misaligned(_memory);
    }

    public int Length { get; }

    /// <summary>Table <paramref name="index"/>.</summary>
    public Span<double> this[int index] => _memory.AsSpan(_first + (index * _stride), Length);

    private static unsafe int Misaligned(double[] memory)
    {
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory));
        return (int)((64 - (address & 63)) & 63) / sizeof(double);
    }
}
