using System.Numerics;
using System.Runtime.InteropServices;

namespace InteractionLab.Interactions;

/// <summary>
/// A_k(i,j) = Σ_{|S|=k, S∋i,j} v(S) for every size k and pair, with A_k(i) = A_k(i,i), and A_k = Σ_{|S|=k} v(S). All
/// multi-order interactions, Shapley values and mean outputs by size are combinations of these.
/// </summary>
/// <remarks>
/// Players are split into a low and a high half, so that a mask is a row (its high half) and a column (its low half). Rows
/// are added up by the size of the high half: all of them, and for each high player those that hold it, which leaves
/// tables over the low half; columns are added up likewise, which leaves one over the high half. Pairs are then read off
/// these small tables. O(n 2^n) additions and O(n² 2^(n/2)) memory. The sums later cancel, so v is centred on its mean
/// first (a constant changes no interaction) and every sum is compensated.
/// </remarks>
internal sealed class GradedSums
{
    private readonly CompensatedSum[] _all;
    private readonly CompensatedSum[] _pairs;

    private GradedSums(int players, double center)
    {
        Players = players;
        Center = center;
        _all = new CompensatedSum[players + 1];
        _pairs = new CompensatedSum[players * players * (players + 1)];
    }

    /// <summary>n.</summary>
    public int Players { get; }

    /// <summary>What was subtracted from every value.</summary>
    public double Center { get; }

    /// <summary>A_k of the centred values.</summary>
    public double All(int size) => _all[size].Value;

    /// <summary>A_k(i) of the centred values.</summary>
    public double With(int size, int player) => Pair(size, player, player);

    /// <summary>A_k(i,j) of the centred values; i ≤ j.</summary>
    public double Pair(int size, int i, int j) => _pairs[Index(size, i, j)].Value;

    /// <summary>Computes the sums of a table of 2^n finite values.</summary>
    public static GradedSums Of(ReadOnlySpan<double> v)
    {
        var players = Game.Validate(v);
        var mean = default(CompensatedSum);
        foreach (var value in v)
        {
            mean.Add(value / v.Length);
        }

        var sums = new GradedSums(players, mean.Value);
        var low = players / 2;
        var high = players - low;
        var rows = new RowSums(low, high);
        var columns = new CompensatedSum[(1 << high) * (low + 1)];
        var row = new double[1 << low];
        for (var h = 0; h < 1 << high; h++)
        {
            for (var l = 0; l < row.Length; l++)
            {
                row[l] = v[(h << low) | l] - sums.Center;
                columns[h * (low + 1) + BitOperations.PopCount((uint)l)].Add(row[l]);
            }

            rows.Add(h, row);
        }

        sums.AddLow(rows, low, high);
        sums.AddMixed(rows, low, high);
        sums.AddHigh(columns, low, high);
        return sums;
    }

    private int Index(int size, int i, int j) => (size * Players + i) * Players + j;

    private void AddLow(RowSums rows, int low, int high)
    {
        for (var highSize = 0; highSize <= high; highSize++)
        {
            for (var l = 0; l < 1 << low; l++)
            {
                var size = highSize + BitOperations.PopCount((uint)l);
                var value = rows.Value(highSize, 0, l);
                _all[size].Add(value);
                AddPairs(size, l, 0, value);
            }
        }
    }

    private void AddMixed(RowSums rows, int low, int high)
    {
        for (var player = 0; player < high; player++)
        {
            for (var highSize = 1; highSize <= high; highSize++)
            {
                for (var l = 0; l < 1 << low; l++)
                {
                    var size = highSize + BitOperations.PopCount((uint)l);
                    var value = rows.Value(highSize, player + 1, l);
                    for (var bits = l; bits != 0; bits &= bits - 1)
                    {
                        _pairs[Index(size, BitOperations.TrailingZeroCount(bits), low + player)].Add(value);
                    }
                }
            }
        }
    }

    private void AddHigh(CompensatedSum[] columns, int low, int high)
    {
        for (var h = 0; h < 1 << high; h++)
        {
            for (var lowSize = 0; lowSize <= low; lowSize++)
            {
                AddPairs(lowSize + BitOperations.PopCount((uint)h), h, low, columns[h * (low + 1) + lowSize].Value);
            }
        }
    }

    private void AddPairs(int size, int members, int offset, double value)
    {
        for (var first = members; first != 0; first &= first - 1)
        {
            var i = BitOperations.TrailingZeroCount(first) + offset;
            for (var second = first; second != 0; second &= second - 1)
            {
                _pairs[Index(size, i, BitOperations.TrailingZeroCount(second) + offset)].Add(value);
            }
        }
    }

    /// <summary>Rows added up by the size of their high half: slot 0 holds all rows, slot p + 1 those with high player p.</summary>
    private sealed class RowSums(int low, int high)
    {
        private readonly int _width = 1 << low;
        private readonly double[] _sums = new double[(high + 1) * (high + 1) << low];
        private readonly double[] _lost = new double[(high + 1) * (high + 1) << low];

        public double Value(int highSize, int slot, int l)
        {
            var at = Start(highSize, slot) + l;
            return _sums[at] + _lost[at];
        }

        public void Add(int h, ReadOnlySpan<double> row)
        {
            var size = BitOperations.PopCount((uint)h);
            AddAt(Start(size, 0), row);
            for (var bits = h; bits != 0; bits &= bits - 1)
            {
                AddAt(Start(size, BitOperations.TrailingZeroCount(bits) + 1), row);
            }
        }

        private int Start(int highSize, int slot) => (highSize * (high + 1) + slot) * _width;

        private void AddAt(int start, ReadOnlySpan<double> row)
        {
            var sums = _sums.AsSpan(start, _width);
            var lost = _lost.AsSpan(start, _width);
            var done = 0;
            if (Vector.IsHardwareAccelerated && _width >= Vector<double>.Count)
            {
                var vectorSums = MemoryMarshal.Cast<double, Vector<double>>(sums);
                var vectorLost = MemoryMarshal.Cast<double, Vector<double>>(lost);
                var vectorRow = MemoryMarshal.Cast<double, Vector<double>>(row);
                for (var i = 0; i < vectorSums.Length; i++)
                {
                    // Knuth's two-sum: the rounding error of the addition, exactly and without a comparison.
                    var (a, b) = (vectorSums[i], vectorRow[i]);
                    var sum = a + b;
                    var shadow = sum - a;
                    vectorLost[i] += (a - (sum - shadow)) + (b - shadow);
                    vectorSums[i] = sum;
                }

                done = vectorSums.Length * Vector<double>.Count;
            }

            for (; done < _width; done++)
            {
                var (a, b) = (sums[done], row[done]);
                var sum = a + b;
                var shadow = sum - a;
                lost[done] += (a - (sum - shadow)) + (b - shadow);
                sums[done] = sum;
            }
        }
    }
}
