namespace InteractionLab.Experiments.Networks;

/// <summary>The progress of a part of a cell, as progress of the cell.</summary>
/// <param name="whole">The cell's.</param>
/// <param name="share">The part's share of it, 0..1.</param>
/// <param name="from">What was done before the part, 0..1.</param>
internal sealed class ShareOfProgress(IProgress<double> whole, double share, double from = 0) : IProgress<double>
{
    /// <inheritdoc/>
    public void Report(double value) => whole.Report(from + (value * share));
}
