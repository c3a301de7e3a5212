using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Common;

/// <summary>Candidates in order of preference, and how many of them are wanted.</summary>
internal sealed record SamplePool(string Name, int[] Candidates, int Wanted);

/// <summary>
/// Which sample each cell of a job is: a pure function of the spec and the dataset's labels. Where only correctly
/// classified samples are wanted, the cells are places ("the third correct one of the pool") that the running job fills
/// by walking the pool in order; the walk gives the same samples each time, so cells mean the same after a resume.
/// </summary>
internal sealed class SamplePlan
{
    private const int MostUnfitNamed = 5;
    private readonly int[]? _fixed;

    private SamplePlan(int[]? indices, IReadOnlyList<SamplePool> pools)
    {
        _fixed = indices;
        Pools = pools;
        Keys = indices is not null
            ? [.. indices.Select(index => $"sample/{index}")]
            : [.. pools.SelectMany(pool => Enumerable.Range(0, pool.Wanted).Select(rank => $"{pool.Name}/{rank}"))];
    }

    /// <summary>A key for each cell.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Where samples must be found while running, else empty.</summary>
    public IReadOnlyList<SamplePool> Pools { get; }

    /// <summary>The samples known beforehand; null where they must be found.</summary>
    public IReadOnlyList<int>? Indices => _fixed;

    /// <summary>The most samples that may be run unmasked: one a cell, or the whole pools.</summary>
    public long MostPredictions => _fixed?.Length ?? Pools.Sum(pool => (long)pool.Candidates.Length);

    /// <summary>
    /// Resolves a selection, the field <paramref name="path"/> of the spec; null, with faults recorded, where the dataset
    /// cannot give it. Samples named that are unfit are faults; random choices are made among the others.
    /// </summary>
    public static SamplePlan? Create(SampleSelection selection, int count, int classes, IReadOnlyList<int>? labels, SpecFaults faults, string path = "samples", Func<int, string?>? unfit = null)
    {
        switch (selection)
        {
            case SampleSelection.ByIndex list:
                for (var i = 0; i < list.Indices.Count; i++)
                {
                    if (list.Indices[i] >= count)
                    {
                        faults.Add($"{path}[{i}]", $"sample {list.Indices[i]} is outside 0..{count - 1}");
                    }
                    else if (unfit?.Invoke(list.Indices[i]) is { } why)
                    {
                        faults.Add($"{path}[{i}]", why);
                    }
                }

                return new SamplePlan([.. list.Indices], []);
            case SampleSelection.ByRange range:
                if (range.To > count)
                {
                    faults.Add($"{path}.to", $"is {range.To}, but the dataset has {count} samples");
                    return null;
                }

                foreach (var why in Enumerable.Range(range.From, range.To - range.From).Select(index => unfit?.Invoke(index)).OfType<string>().Take(MostUnfitNamed))
                {
                    faults.Add(path, why);
                }

                return new SamplePlan([.. Enumerable.Range(range.From, range.To - range.From)], []);
            case SampleSelection.AtRandom random:
                return AtRandom(random, [.. Enumerable.Range(0, count).Where(index => unfit?.Invoke(index) is null)], classes, labels, faults, path, unfit is null ? "" : " with the players asked for");
            default:
                throw new ArgumentOutOfRangeException(nameof(selection));
        }
    }

    private static SamplePlan? AtRandom(SampleSelection.AtRandom random, int[] fit, int classes, IReadOnlyList<int>? labels, SpecFaults faults, string path, string which)
    {
        foreach (var (asked, field) in new[] { (random.CorrectOnly, $"{path}.correctOnly"), (random.PerClass, $"{path}.perClass") })
        {
            if (asked && labels is null)
            {
                faults.Add(field, "the dataset has no labels");
            }
        }

        if (!faults.IsClean(path))
        {
            return null;
        }

        var groups = random.PerClass
            ? Enumerable.Range(0, classes).Select(c => (Name: $"class-{c}", Stream: c + 1, Members: fit.Where(i => labels![i] == c).ToArray())).ToArray()
            : [(Name: "random", Stream: 0, Members: fit)];
        foreach (var group in groups.Where(group => group.Members.Length < random.Count))
        {
            faults.Add($"{path}.count", $"is {random.Count}, but {(random.PerClass ? $"class {group.Stream - 1}" : "the dataset")} has {group.Members.Length} samples{which}");
        }

        if (!faults.IsClean(path))
        {
            return null;
        }

        var pools = groups.Select(group => new SamplePool(
            $"correct-{group.Name}",
            new PortableRandom(random.Seed, group.Stream).Draw(group.Members, random.CorrectOnly ? group.Members.Length : random.Count),
            random.Count)).ToArray();
        return random.CorrectOnly ? new SamplePlan(null, pools) : new SamplePlan([.. pools.SelectMany(pool => pool.Candidates)], []);
    }
}
