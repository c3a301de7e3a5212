using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>
/// Finds the k-th correctly classified candidate of each pool by walking it in order. What was found is kept for this
/// attempt; another attempt walks again and finds the same.
/// </summary>
internal sealed class CorrectSamples(IReadOnlyList<SamplePool> pools, Func<int, bool> isCorrect)
{
    private readonly Walk[] _walks = [.. pools.Select(pool => new Walk(pool))];

    /// <summary>The sample of a cell, or null where its pool has no further correct one.</summary>
    public int? Find(int cell, CancellationToken cancellation)
    {
        foreach (var walk in _walks)
        {
            if (cell < walk.Pool.Wanted)
            {
                return walk.Find(cell, isCorrect, cancellation);
            }

            cell -= walk.Pool.Wanted;
        }

        throw new ArgumentOutOfRangeException(nameof(cell));
    }

    private sealed class Walk(SamplePool pool)
    {
        private readonly List<int> _found = [];
        private int _next;

        public SamplePool Pool => pool;

        public int? Find(int rank, Func<int, bool> isCorrect, CancellationToken cancellation)
        {
            while (_found.Count <= rank && _next < pool.Candidates.Length)
            {
                cancellation.ThrowIfCancellationRequested();
                var candidate = pool.Candidates[_next];
                if (isCorrect(candidate))
                {
                    _found.Add(candidate);
                }

                _next++;
            }

            return rank < _found.Count ? _found[rank] : null;
        }
    }
}
