namespace InteractionLab.Interactions;

/// <summary>
/// A seeded generator whose numbers are the same on every machine and runtime (System.Random promises neither):
/// SplitMix64 (Steele, Lea, Flood 2014). A stream is named by a seed and a number, e.g. a job's seed and a sample's index.
/// </summary>
public sealed class PortableRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Starts stream <paramref name="stream"/> of <paramref name="seed"/>.</summary>
    public PortableRandom(long seed, long stream = 0)
    {
        // Mixed twice, so that (1, 2) and (2, 1) share nothing and neighbouring streams start far apart.
        _state = Mix(Mix(unchecked((ulong)seed + Gamma)) ^ unchecked((ulong)stream * 0xD1342543DE82EF95));
    }

    private PortableRandom(ulong state) => _state = state;

    /// <summary>The generator as published, from a state and without the mixing of seeds.</summary>
    public static PortableRandom FromState(ulong state) => new(state);

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        _state = unchecked(_state + Gamma);
        return Mix(_state);
    }

    /// <summary>A number in 0..<paramref name="bound"/>-1, each equally likely (draws that would favour some are drawn again).</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var range = (ulong)bound;
        var rejected = (ulong.MaxValue - range + 1) % range;
        while (true)
        {
            var high = Math.BigMul(Next(), range, out var low);
            if (low >= rejected)
            {
                return (int)high;
            }
        }
    }

    /// <summary>A number in [0, 1), a multiple of 2^-53, each equally likely.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The first <paramref name="count"/> items of a random order of <paramref name="items"/> (partial Fisher-Yates); fewer draws give a prefix.</summary>
    public int[] Draw(IEnumerable<int> items, int count)
    {
        ArgumentNullException.ThrowIfNull(items);
        var pool = items.ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = i + Below(pool.Length - i);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }

        return pool[..count];
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
