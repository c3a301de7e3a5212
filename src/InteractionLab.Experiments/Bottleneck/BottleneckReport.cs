using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>Result, tables and arrays of a bottleneck job, from the cells that are finished.</summary>
internal static class BottleneckReport
{
    /// <summary>What the finished cells support.</summary>
    public static ExperimentOutput Build(BottleneckWork work, ICellSource cells, CancellationToken cancellation)
    {
        var headers = Enumerable.Range(0, work.Cells).Select(cell => BottleneckCell.Header(cells, cell)).ToList();
        var measured = Enumerable.Range(0, work.Models.Count).Select(model => Measured.Of(work, headers, model)).ToList();
        var profiles = measured.Where(part => part.Places.Count > 0).Select(part => Profile(work, cells, part, headers, cancellation)).ToList();
        var notes = new SortedSet<string>(headers.SelectMany(header => header?.Notes ?? []), StringComparer.Ordinal);
        var absent = Enumerable.Range(0, work.Samples).Count(place => headers[work.CellOf(0, place, 0)] is { Index: < 0 });
        string[] own = [.. work.Games.Players.Note is { } note ? new[] { note } : [], .. absent > 0 ? new[] { $"{absent} of {work.Samples} samples asked for could not be found." } : []];
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
        return new ExperimentOutput(result, [Table(work, profiles)], [PairArrays.Artifact(work, cells, measured)]);
    }

    /// <summary>Whether the rounds before <paramref name="round"/> gave every order of every model the standard error wanted.</summary>
    public static bool IsReached(BottleneckWork work, ICellSource cells, int round, double wanted)
    {
        var headers = Enumerable.Range(0, work.Cells).Select(cell => BottleneckCell.Header(cells, cell)).ToList();
        for (var model = 0; model < work.Models.Count; model++)
        {
            var part = Measured.Of(work, headers, model, mostRounds: round);
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
        var model = work.Models[part.Model];
        var profile = work.Rounds is null
            ? ExactProfile.Of([.. part.Places.Select(place => BottleneckCell.Exact(cells, work.CellOf(0, place, part.Model)))], work.Games.PlayerCount, work.Orders)
            : Sampled(work, cells, part);
        var strength = profile.Reduced;
        return new ModelProfile
        {
            Model = model.Id,
            Name = model.Name,
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
            Contexts = [.. work.Orders.Select((m, k) => work.Rounds is null ? ExactProfile.Contexts(work.Games.PlayerCount, m) : profile.Contexts[k])],
            EfficiencyError = work.Rounds is null ? part.Places.Max(place => headers[work.CellOf(0, place, part.Model)]!.EfficiencyError) : null,
            Theory = strength is null ? null : Theory(work, strength),
            Shape = strength is null ? null : ProfileShape.Of(work.Orders, strength, work.Rounds is null ? null : profile.ReducedStandardError),
        };
    }

    private static SampledProfile Sampled(BottleneckWork work, ICellSource cells, Measured part) =>
        SampledProfile.Of(work.Rounds!.Sampler(), [.. part.Places.Select(place => work.Sum(cells, place, part.Model, part.Rounds))], work.Pairs.Population);

    private static TheoryCurve? Theory(BottleneckWork work, double[] strength) => work.Spec.NEff is { } given
        ? TheoryCurve.For(work.Games.PlayerCount, work.Orders, given)
        : TheoryCurve.Fit(work.Games.PlayerCount, work.Orders, strength);

    private static ResultTable Table(BottleneckWork work, List<ModelProfile> profiles) => new(
        "profile",
        ["model", "name", "order", "ratio", "strength", "standardError", "noiseFloor", "reduced", "reducedStandardError", "sampleStandardError", "magnitude", "meanInteraction", "contexts", "theory"],
        [.. from profile in profiles from k in Enumerable.Range(0, work.Orders.Count) select Row(work, profile, k)]);

    private static IReadOnlyList<object?> Row(BottleneckWork work, ModelProfile profile, int k) =>
    [
        profile.Model, profile.Name, work.Orders[k], work.Games.PlayerCount == 2 ? 0.0 : (double)work.Orders[k] / (work.Games.PlayerCount - 2), profile.Strength?[k], profile.StandardError[k],
        profile.NoiseFloor[k], profile.Reduced?[k], profile.ReducedStandardError[k], profile.SampleStandardError?[k], profile.Magnitude[k], profile.MeanInteraction[k], profile.Contexts[k], profile.Theory?.Curve[k],
    ];
}

/// <summary>What is finished of one model: the places of its samples, and how many rounds all of them have.</summary>
internal sealed record Measured(int Model, IReadOnlyList<int> Places, int Rounds)
{
    public static Measured Of(BottleneckWork work, IReadOnlyList<CellHeader?> headers, int model, int? mostRounds = null)
    {
        var places = Enumerable.Range(0, work.Samples).Where(place => headers[work.CellOf(0, place, model)] is { Index: >= 0 }).ToList();
        var rounds = 1;
        while (rounds < (mostRounds ?? work.RoundCount) && places.All(place => headers[work.CellOf(rounds, place, model)] is not null))
        {
            rounds++;
        }

        return new Measured(model, places, rounds);
    }
}
