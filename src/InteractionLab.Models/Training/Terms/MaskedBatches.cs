using InteractionLab.Models.Masking;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training.Terms;

/// <summary>
/// Masks batches of samples inside training: cells of absent players become the baseline. The players own the same cells
/// of every sample. Owns its tensors.
/// </summary>
internal sealed class MaskedBatches : IDisposable
{
    private readonly long[] _columns;
    private readonly Tensor _baseline;

    /// <summary>Takes a layout and a baseline, both over the cells of one sample, row-major.</summary>
    public MaskedBatches(PlayerLayout layout, ReadOnlySpan<float> baseline, Device device)
    {
        Players = layout.Players;
        _columns = [.. layout.PlayerOf.Select(player => player switch
        {
            PlayerLayout.Keep => (long)layout.Players,
            PlayerLayout.Absent => layout.Players + 1,
            _ => player,
        })];
        _baseline = tensor(baseline.ToArray(), device: device).DetachFromDisposeScope();
    }

    /// <summary>n.</summary>
    public int Players { get; }

    /// <summary>Masked copies of samples.</summary>
    /// <param name="inputs">[B, sample], of a real type.</param>
    /// <param name="present">Which players are present, [B, <paramref name="copies"/>, n] row by row.</param>
    /// <param name="copies">Masked copies of each sample.</param>
    /// <returns>[B · copies, sample]; the copies of a sample lie together.</returns>
    public Tensor Mask(Tensor inputs, bool[] present, int copies = 1)
    {
        var rows = (int)inputs.shape[0] * copies;
        var bits = new bool[rows * _columns.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var cell = 0; cell < _columns.Length; cell++)
            {
                var column = _columns[cell];
                bits[(row * _columns.Length) + cell] = column == Players || (column < Players && present[(row * Players) + column]);
            }
        }

        var mask = tensor(bits, [inputs.shape[0], copies, _columns.Length], device: inputs.device);
        var flat = inputs.reshape(inputs.shape[0], 1, -1);
        return where(mask, flat, _baseline.type(inputs.dtype)).reshape([rows, .. inputs.shape.AsSpan(1)]);
    }

    /// <inheritdoc/>
    public void Dispose() => _baseline.Dispose();
}
