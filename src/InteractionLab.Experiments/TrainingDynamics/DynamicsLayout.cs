using System.Globalization;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>
/// The cells of a training-dynamics job: every network, references first and then snapshots by epoch, plays the games of
/// all samples in blocks; a cell is one block of one network. References come first so that each snapshot's point can be
/// given as soon as its own games are finished.
/// </summary>
/// <param name="References">How many references.</param>
/// <param name="Epochs">Epochs of the snapshots, rising.</param>
/// <param name="TrainSamples">Training samples, which come first.</param>
/// <param name="TestSamples">Testing samples.</param>
/// <param name="Players">n.</param>
internal sealed record DynamicsLayout(int References, IReadOnlyList<int> Epochs, int TrainSamples, int TestSamples, int Players)
{
    // A cell is some seconds of work: few enough commits, and little lost by a crash.
    private const int MostRows = 1 << 14;
    private const int MostGames = 16;

    /// <summary>References and snapshots.</summary>
    public int Networks => References + Epochs.Count;

    /// <summary>Samples of both splits.</summary>
    public int Samples => TrainSamples + TestSamples;

    /// <summary>Games of a full cell.</summary>
    public int BlockSize => Math.Clamp(MostRows >> Players, 1, MostGames);

    /// <summary>Cells of one network.</summary>
    public int Blocks => (Samples + BlockSize - 1) / BlockSize;

    /// <summary>Keys of the cells.</summary>
    public IReadOnlyList<string> Keys =>
        [.. Enumerable.Range(0, Networks).SelectMany(network => Enumerable.Range(0, Blocks).Select(block => $"{Name(network)}/block-{block}"))];

    /// <summary>The cell of a network's block.</summary>
    public int Cell(int network, int block) => (network * Blocks) + block;

    /// <summary>The network of a snapshot.</summary>
    public int Snapshot(int snapshot) => References + snapshot;

    /// <summary>A cell's network and its samples, the end excluded.</summary>
    public (int Network, int From, int To) At(int cell)
    {
        var (network, block) = Math.DivRem(cell, Blocks);
        return (network, block * BlockSize, Math.Min(Samples, (block + 1) * BlockSize));
    }

    /// <summary>Whether a sample is a training sample.</summary>
    public bool IsTrain(int sample) => sample < TrainSamples;

    /// <summary>What a network is called in keys and messages.</summary>
    public string Name(int network) => network < References
        ? string.Create(CultureInfo.InvariantCulture, $"reference-{network}")
        : string.Create(CultureInfo.InvariantCulture, $"epoch-{Epochs[network - References]}");
}
