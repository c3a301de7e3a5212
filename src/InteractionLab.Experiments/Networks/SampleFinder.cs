using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Networks;

/// <summary>Which sample each place of a <see cref="SamplePlan"/> is; asks a network where only correct ones are wanted.</summary>
internal sealed class SampleFinder
{
    private readonly IReadOnlyList<int>? _indices;
    private readonly CorrectSamples? _correct;

    /// <summary>Finds by the predictions of a network.</summary>
    /// <param name="samples">The places.</param>
    /// <param name="isCorrect">Whether the network that must be right is, on a sample.</param>
    /// <param name="originOf">The origin (<see cref="CellPasses.Origin"/>) of the cell that a place's passes belong to.</param>
    public SampleFinder(SamplePlan samples, Func<int, CellPasses, bool> isCorrect, Func<int, string> originOf)
    {
        _indices = samples.Indices;
        _correct = samples.Indices is null
            ? new CorrectSamples(samples.Pools, place => new CellPasses(originOf(place)), isCorrect)
            : null;
    }

    /// <summary>The sample of a place; null where there is no further one of the kind asked for.</summary>
    /// <param name="place">Position in the plan.</param>
    /// <param name="passes">Takes in the passes that belong to the place; null where another cell counts them.</param>
    /// <param name="cancellation">Stops the search.</param>
    public int? Find(int place, CellPasses? passes, CancellationToken cancellation)
    {
        if (_indices is not null)
        {
            return _indices[place];
        }

        var (index, walked) = _correct!.Find(place, cancellation);
        passes?.Add(walked);
        return index;
    }
}
