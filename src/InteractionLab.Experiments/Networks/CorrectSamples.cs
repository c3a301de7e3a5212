using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// Finds the k-th correctly classified candidate of each pool by walking it in order. What was found is kept for this
/// attempt; another attempt walks again and finds the same. The passes between one found sample and the next belong to
/// the place of the next, whoever walks.
/// </summary>
/// <param name="pools">The candidates.</param>
/// <param name="passesOf">A fresh count for a place.</param>
/// <param name="isCorrect">Whether a candidate is classified correctly; counts the passes it takes.</param>
internal sealed class CorrectSamples(IReadOnlyList<SamplePool> pools, Func<int, CellPasses> passesOf, Func<int, CellPasses, bool> isCorrect)
{
    private readonly Walk[] _walks = [.. pools.Select((pool, i) => new Walk(pool, pools.Take(i).Sum(before => before.Wanted)))];

    /// <summary>The sample of a place, null where its pool has no further correct one, with the passes that finding it took.</summary>
    public (int? Index, CellPasses Passes) Find(int place, CancellationToken cancellation)
    {
        var walk = _walks.Last(candidate => candidate.First <= place);
        return walk.Find(place, passesOf, isCorrect, cancellation);
    }

    private sealed class Walk(SamplePool pool, int first)
    {
        private readonly List<int> _found = [];
        private readonly Dictionary<int, CellPasses> _passes = [];
        private int _next;

        /// <summary>The place of the pool's first sample.</summary>
        public int First => first;

        public (int? Index, CellPasses Passes) Find(int place, Func<int, CellPasses> passesOf, Func<int, CellPasses, bool> isCorrect, CancellationToken cancellation)
        {
            var rank = place - first;
            while (_found.Count <= rank && _next < pool.Candidates.Length)
            {
                cancellation.ThrowIfCancellationRequested();
                var candidate = pool.Candidates[_next];
                if (isCorrect(candidate, PassesOf(first + _found.Count, passesOf)))
                {
                    _found.Add(candidate);
                }

                _next++;
            }

            return (rank < _found.Count ? _found[rank] : null, PassesOf(place, passesOf));
        }

        private CellPasses PassesOf(int place, Func<int, CellPasses> passesOf) =>
            _passes.TryGetValue(place, out var passes) ? passes : _passes[place] = passesOf(place);
    }
}
