using InteractionLab.Experiments.Cells;

namespace InteractionLab.Experiments;

/// <summary>
/// A plan whose cells 0..<see cref="Games"/>-1 each hold one game (a sample's outputs over all masks): the interactive
/// views read single games from it. Both kinds of this build are one.
/// </summary>
public interface IGamePlan : IExperimentPlan
{
    /// <summary>How many of <see cref="IExperimentPlan.Cells"/>, from the first, hold a game.</summary>
    int Games { get; }

    /// <summary>How many cells after them hold a pair of games; 0 for most kinds.</summary>
    int Pairs { get; }

    /// <summary>
    /// The game of a cell, with the threshold that the finished cells give; null while the cell is not finished, and
    /// where it found no sample.
    /// </summary>
    /// <param name="cells">Finished cells.</param>
    /// <param name="cell">0..<see cref="Games"/>-1: position in <see cref="IExperimentPlan.Cells"/>, which is not the sample's index.</param>
    /// <param name="cancellation">Stops reading.</param>
    Task<GameDetail?> ReadGameAsync(ICellSource cells, int cell, CancellationToken cancellation);

    /// <summary>Both decompositions of a pair; null while it is not finished.</summary>
    /// <param name="cells">Finished cells.</param>
    /// <param name="pair">0..<see cref="Pairs"/>-1.</param>
    /// <param name="cancellation">Stops reading.</param>
    Task<PairDetail?> ReadPairAsync(ICellSource cells, int pair, CancellationToken cancellation);
}
