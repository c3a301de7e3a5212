using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>Result, tables and arrays of a bottleneck job, from the cells that are finished.</summary>
internal static class BottleneckReport
{
    /// <summary>What the finished cells support.</summary>
    public static ExperimentOutput Build(BottleneckWork work, ICellSource cells, CancellationToken cancellation)
    {
        var headers = Enumerable.Range(0, work.Cells).Select(cell => BottleneckCell.Header(cells, cell)).ToList();
        var measured = Enumerable.Range(0, work.Networks.Count).Select(network => Measured.Of(work, headers, network)).Where(part => part.Places.Count > 0).ToList();
        var profiles = measured.Select(part => Profile(work, cells, part, headers, cancellation)).ToList();
        var notes = new SortedSet<string>(headers.SelectMany(header => header?.Notes ?? []), StringComparer.Ordinal);
        var absent = Enumerable.Range(0, work.Samples).Count(place => headers[work.CellOf(0, place, 0)] is { Index: < 0 });
        string[] own = [.. work.Games.OutputNotes, .. BottleneckNotes.Of(work), .. work.Games.Players.Note is { } note ? new[] { note } : [], .. absent > 0 ? new[] { $"{absent} of {work.Samples} samples asked for could not be found." } : []];
        var result = new BottleneckResult
        {
            Models = profiles,
            Method = work.Spec.Method,
            Pairs = work.Pairs.Pairs.Count,
            PairPopulation = work.Pairs.Population,
            Samples = [.. Enumerable.Range(0, work.Samples).Select(place => headers[work.CellOf(0, place, 0)]?.Index ?? -1).Where(index => index >= 0)],
            Reached = work.Spec.StandardError is { } wanted && work.Rounds is not null ? profiles.Count > 0 && profiles.All(p => p.ReducedStandardError.Max() <= wanted) : null,
            ForwardPasses = headers.Sum(header => header?.ForwardPasses ?? 0),
            SavedPasses = headers.Sum(header => header?.SavedPasses ?? 0),
            Finished = headers.Count(header => header is not null),
            Total = work.Cells,
            Notes = [.. own, .. notes],
        };
        return new ExperimentOutput(result, [Table(work, profiles), .. work.Networks.Epochs is null ? [] : new[] { Epochs(work, profiles) }], [PairArrays.Artifact(work, cells, measured)]);
    }

    /// <summary>Whether the rounds before <paramref name="round"/> gave every order of every model the standard error wanted.</summary>
    public static bool IsReached(BottleneckWork work, ICellSource cells, int round, double wanted)
    {
        var headers = Enumerable.Range(0, work.Cells).Select(cell => BottleneckCell.Header(cells, cell)).ToList();
        for (var network = 0; network < work.Networks.Count; network++)
        {
            var part = Measured.Of(work, headers, network, mostRounds: round);
            if (part.Places.Count > 0 && Sampled(work, cells, part).ReducedStandardError.Max() > wanted)
            {
                return false;
            }
        }

        return true;
    }

    private static ModelProfile Profile(BottleneckWork work, ICellSource cells, Measured part, List<CellHeader?> headers, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var profile = work.Rounds is null
            ? ExactProfile.Of([.. part.Places.Select(place => BottleneckCell.Exact(cells, work.CellOf(0, place, part.Network)))], work.Games.PlayerCount, work.Orders)
            : Sampled(work, cells, part);
        var strength = profile.Reduced;
        var header = headers[work.CellOf(0, part.Places[0], part.Network)]!;
        return new ModelProfile
        {
            Model = header.Model ?? work.Networks.Known[part.Network].Id,
            Name = header.Name ?? work.Networks.Known[part.Network].Name,
            Epoch = work.Networks.Epochs?[part.Network],
            N = work.Games.PlayerCount,
            Samples = part.Places.Count,
            Orders = work.Orders,
            Strength = profile.Strength,
            StandardError = profile.StandardError,
            NoiseFloor = profile.NoiseFloor,
            Reduced = profile.Reduced,
            ReducedStandardError = profile.ReducedStandardError,
            SampleStandardError = profile.SampleStandardError,
            Magnitude = profile.Magnitudes,
            MeanInteraction = profile.MeanInteraction,
            Contexts = [.. work.Orders.Select((m, k) => work.Rounds is null ? Combinatorics.Binomial(work.Games.PlayerCount - 2, m) : profile.Contexts[k])],
            EfficiencyError = work.Rounds is null ? part.Places.Max(place => headers[work.CellOf(0, place, part.Network)]!.EfficiencyError) : null,
            Theory = strength is null ? null : Theory(work, strength),
            Shape = strength is null ? null : ProfileShape.Of(work.Orders, strength, profile.Errors, profile.SampleErrors),
        };
    }

    private static SampledProfile Sampled(BottleneckWork work, ICellSource cells, Measured part) =>
        SampledProfile.Of(work.Rounds!.Sampler(), [.. part.Places.Select(place => work.Sum(cells, place, part.Network, part.Rounds))], work.Pairs.Population);

    private static TheoryCurve? Theory(BottleneckWork work, double[] strength) => work.Spec.NEff is { } given
        ? TheoryCurve.For(work.Games.PlayerCount, work.Orders, given)
        : TheoryCurve.Fit(work.Games.PlayerCount, work.Orders, strength);

    private static ResultTable Table(BottleneckWork work, List<ModelProfile> profiles) => new(
        "profile",
        ["model", "name", "order", "ratio", "strength", "standardError", "noiseFloor", "reduced", "reducedStandardError", "sampleStandardError", "magnitude", "meanInteraction", "contexts", "theory"],
        [.. from profile in profiles from k in Enumerable.Range(0, work.Orders.Count) select Row(work, profile, k)]);

    // J over training: an order a row, so that a line is an order and a column of the heat map an epoch.
    private static ResultTable Epochs(BottleneckWork work, List<ModelProfile> profiles) => new(
        "epochs",
        ["order", "ratio", "epoch", "model", "strength", "reduced", "reducedStandardError", "magnitude"],
        [.. from k in Enumerable.Range(0, work.Orders.Count) from profile in profiles select (IReadOnlyList<object?>)
            [work.Orders[k], Ratio(work, k), profile.Epoch, profile.Model, profile.Strength?[k], profile.Reduced?[k], profile.ReducedStandardError[k], profile.Magnitude[k]]]);

    private static double Ratio(BottleneckWork work, int k) => work.Games.PlayerCount == 2 ? 0.0 : (double)work.Orders[k] / (work.Games.PlayerCount - 2);

    private static IReadOnlyList<object?> Row(BottleneckWork work, ModelProfile profile, int k) =>
    [
        profile.Model, profile.Name, work.Orders[k], Ratio(work, k), profile.Strength?[k], profile.StandardError[k],
        profile.NoiseFloor[k], profile.Reduced?[k], profile.ReducedStandardError[k], profile.SampleStandardError?[k], profile.Magnitude[k], profile.MeanInteraction[k], profile.Contexts[k], profile.Theory?.Curve[k],
    ];
}

/// <summary>What is finished of one network: its samples by place, with their indices in the dataset, and how many rounds all of them have.</summary>
internal sealed record Measured(int Network, IReadOnlyList<int> Places, IReadOnlyList<int> Indices, int Rounds)
{
    public static Measured Of(BottleneckWork work, IReadOnlyList<CellHeader?> headers, int network, int? mostRounds = null)
    {
        var places = Enumerable.Range(0, work.Samples).Where(place => headers[work.CellOf(0, place, network)] is { Index: >= 0 }).ToList();
        var rounds = 1;
        while (rounds < (mostRounds ?? work.RoundCount) && places.All(place => headers[work.CellOf(rounds, place, network)] is not null))
        {
            rounds++;
        }

        return new Measured(network, places, [.. places.Select(place => headers[work.CellOf(0, place, network)]!.Index)], rounds);
    }
}
