using System.Numerics;

namespace InteractionLab.Models.Datasets;

/// <summary>Sums over a dataset while it is written, in double.</summary>
/// <param name="cells">Values of one sample.</param>
/// <param name="channels">Channels or columns, the slowest axis of a sample.</param>
internal sealed class CellStatistics(int cells, int channels)
{
    private readonly double[] _cellSums = new double[cells];
    private readonly double[] _squares = new double[channels];
    private readonly int _plane = cells / channels;
    private double[]? _shift;
    private long _count;

    public double Low { get; private set; } = double.PositiveInfinity;

    public double High { get; private set; } = double.NegativeInfinity;

    /// <summary>Adds one sample; its sums are taken about the first sample, so that large offsets cost no precision.</summary>
    public void Add<T>(ReadOnlySpan<T> values)
        where T : unmanaged, INumberBase<T>
    {
        _shift ??= FirstOfChannels(values);
        for (int c = 0, i = 0; c < channels; c++)
        {
            double shift = _shift[c], squares = 0;
            for (var end = i + _plane; i < end; i++)
            {
                var value = double.CreateTruncating(values[i]);
                var d = value - shift;
                _cellSums[i] += d;
                squares += d * d;
                Low = Math.Min(Low, value);
                High = Math.Max(High, value);
            }

            _squares[c] += squares;
        }

        _count++;
    }

    /// <summary>Mean of every cell.</summary>
    public double[] CellMeans()
    {
        var means = new double[cells];
        for (var i = 0; i < cells; i++)
        {
            means[i] = _shift![i / _plane] + (_cellSums[i] / _count);
        }

        return means;
    }

    /// <summary>Mean and population standard deviation by channel; exactly 0 for a channel without variation.</summary>
    public (double[] Mean, double[] Std) Channels()
    {
        var (mean, std) = (new double[channels], new double[channels]);
        for (var c = 0; c < channels; c++)
        {
            double n = (double)_count * _plane, offset = 0;
            foreach (var sum in _cellSums.AsSpan(c * _plane, _plane))
            {
                offset += sum;
            }

            offset /= n;
            mean[c] = _shift![c] + offset;
            var variance = (_squares[c] / n) - (offset * offset);
            std[c] = Math.Sqrt(Math.Max(variance, 0));
        }

        return (mean, std);
    }

    private double[] FirstOfChannels<T>(ReadOnlySpan<T> values)
        where T : unmanaged, INumberBase<T>
    {
        var first = new double[channels];
        for (var c = 0; c < channels; c++)
        {
            first[c] = double.CreateTruncating(values[c * _plane]);
        }

        return first;
    }
}
