using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Experiments.Chains;

/// <summary>The splits of a study, resolved: a pure function of the spec and the datasets.</summary>
/// <param name="Train">The training split, by index.</param>
/// <param name="Test">The testing split, by index.</param>
internal sealed record StudySplits(StudySplit Train, StudySplit Test)
{
    // Streams of the study's seed.
    private const int TrainStream = 1;
    private const int TestStream = 2;

    /// <summary>Resolves the splits; null, with faults recorded, where they cannot be had.</summary>
    public static async Task<StudySplits?> FindAsync(StudyData spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        if (spec.Data is { } data)
        {
            return await FindAsync(catalog, "data", data.Dataset, data.Samples, faults, cancellation).ConfigureAwait(false) is { } whole ? Cut(whole, data, faults) : null;
        }

        var train = spec.Train is null ? null : await FindAsync(catalog, "train", spec.Train.Dataset, spec.Train.Samples, faults, cancellation).ConfigureAwait(false);
        var test = spec.Test is null ? null : await FindAsync(catalog, "test", spec.Test.Dataset, spec.Test.Samples, faults, cancellation).ConfigureAwait(false);
        return train is null || test is null ? null : new StudySplits(train, test);
    }

    /// <summary>Some samples of each split, by rising index.</summary>
    public (SplitSpec Train, SplitSpec Test) Draw(int samples, long seed) =>
        (Train.Draw(samples, seed, TrainStream), Test.Draw(samples, seed, TestStream));

    /// <summary>Says which splits are smaller than the samples asked for, so that all of theirs are taken.</summary>
    public IEnumerable<string> Shortages(int samples, bool ofBoth)
    {
        foreach (var (name, split) in new[] { ("training", Train), ("testing", Test) }.Skip(ofBoth ? 0 : 1).Where(part => part.Item2.Indices.Count < samples))
        {
            yield return $"The {name} split has {split.Indices.Count} samples of the {samples} asked for; all of them are analysed.";
        }
    }

    private static StudySplits? Cut(StudySplit whole, DataSplitSpec data, SpecFaults faults)
    {
        var tests = (int)Math.Round(whole.Indices.Count * data.TestShare, MidpointRounding.AwayFromZero);
        if (tests < 1 || tests >= whole.Indices.Count)
        {
            faults.Add("data.testShare", $"{data.TestShare} of {whole.Indices.Count} samples leaves a split empty");
            return null;
        }

        var shuffled = new PortableRandom(data.Seed).Draw(whole.Indices, whole.Indices.Count);
        return new StudySplits(whole with { Indices = [.. shuffled.Skip(tests).Order()] }, whole with { Indices = [.. shuffled.Take(tests).Order()] });
    }

    private static async Task<StudySplit?> FindAsync(ILabCatalog catalog, string field, string id, SampleSelection? samples, SpecFaults faults, CancellationToken cancellation)
    {
        if (!faults.IsClean(field))
        {
            return null;
        }

        var dataset = await catalog.FindDatasetAsync(id, cancellation).ConfigureAwait(false);
        if (dataset is null)
        {
            faults.Add($"{field}.dataset", $"there is no dataset '{id}'");
            return null;
        }

        using var opened = DatasetReader.Open(dataset.Folder);
        var own = new SpecFaults();
        var plan = SamplePlan.Create(samples ?? new SampleSelection.ByRange(0, dataset.Summary.Count), dataset.Summary.Count, dataset.Summary.Classes, opened.Labels, own);
        faults.Add(own.All, path => $"{field}.{path}");
        return plan?.Indices is { } indices && faults.IsClean(field) ? new StudySplit(dataset, indices) : null;
    }
}

/// <summary>Samples of a dataset.</summary>
internal sealed record StudySplit(CatalogDataset Dataset, IReadOnlyList<int> Indices)
{
    /// <summary>As a spec names it: briefly where it is a range.</summary>
    public SplitSpec Spec => new() { Dataset = Dataset.Id, Samples = Name(Indices) };

    /// <summary>Some of its samples, by rising index; all where there are no more.</summary>
    public SplitSpec Draw(int count, long seed, int stream) => new()
    {
        Dataset = Dataset.Id,
        Samples = new SampleSelection.ByIndex([.. new PortableRandom(seed, stream).Draw(Indices, Math.Min(count, Indices.Count)).Order()]),
    };

    private static SampleSelection Name(IReadOnlyList<int> indices) => indices[^1] - indices[0] == indices.Count - 1 && indices.SequenceEqual(Enumerable.Range(indices[0], indices.Count))
        ? new SampleSelection.ByRange(indices[0], indices[^1] + 1)
        : new SampleSelection.ByIndex(indices);
}
