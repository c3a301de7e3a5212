using System.Diagnostics;
using System.Runtime;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;

namespace InteractionLab.Experiments.Networks;

/// <summary>What a network has to do for a job, and how each part of it is measured: on the network itself, with the job's own settings.</summary>
internal static class NetworkWork
{
    private const int Seed = 11;
    private const int FewSteps = 25;
    private const int Singles = 8;
    private const int MostCandidatesOfAWanted = 2;
    private const int FewRuns = 4;
    private const int MostRuns = 256;
    private const int MostTries = 10;
    private const double CompilingMatters = 0.03;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan OneEvaluation = TimeSpan.FromSeconds(0.2);

    /// <summary>The rows that finding the samples and predicting them will take: a correct sample is expected among the first two.</summary>
    public static long ExpectedPredictions(SamplePlan samples) => samples.Indices is not null
        ? samples.Keys.Count
        : samples.Pools.Sum(pool => Math.Min(pool.Candidates.Length, (long)MostCandidatesOfAWanted * pool.Wanted));

    /// <summary>
    /// Adds what networks have to do that play all masks of the same games, the first of them finding the samples; less what
    /// the cache saves.
    /// </summary>
    public static Workload AddGames(this Workload work, NetworkGames games, IReadOnlyList<NetworkFile> networks, ILabCatalog catalog)
    {
        using var kept = networks.Count == 0 ? null : KeptGames.Open(games, networks[0], networks.Count, catalog);
        foreach (var (k, network) in networks.Index())
        {
            var saved = kept?.Of(network) ?? new KeptPasses(0, 0);
            var singles = k == 0 ? ExpectedPredictions(games.Samples) - (kept?.Passed ?? 0) : games.Samples.Keys.Count;
            var rows = games.Rows - saved.Rows;
            work.AddNetwork(games, network, rows, Math.Max(0, singles - saved.Singles), opens: rows == 0 && singles <= saved.Singles ? 0 : 1, saved.Heads);
            if (kept is not null)
            {
                work.Save(saved.Rows + saved.Singles + (k == 0 ? kept.Passed : 0));
            }
        }

        return kept is null
            ? work.AddAttribution(games, games.Samples.Keys.Count)
            : work.AddAttribution(games, games.Samples.Keys.Count - kept.Attributions).Save(kept.Attributions * (long)AttributionPlayers.PassesOfSample);
    }

    /// <summary>Adds a network's part in a job: opened once, then rows of masks and single rows.</summary>
    public static Workload AddNetwork(this Workload work, NetworkGames games, NetworkFile network, double rows, double singles, double opens = 1, double savedHeads = 0)
    {
        var keys = RateKeys.Of(network, games.Spec, games.Dataset.Summary.SampleShape);
        var gauge = new Gauge(run => TimeMasked(run, games, network, keys));
        return work.Add(keys.Open, opens, gauge).Add(keys.Rows, rows, gauge).Add(keys.Single, singles, gauge).Add(keys.Head, games.HeadPasses(1) - savedHeads, gauge);
    }

    /// <summary>Adds the choice of players by attribution, where the job asks for it.</summary>
    public static Workload AddAttribution(this Workload work, NetworkGames games, double samples)
    {
        if (!games.Players.ByAttribution || games.First is not { } first)
        {
            return work;
        }

        var network = NetworkFile.Of(first, games.Ask);
        var keys = RateKeys.Of(network, games.Spec, games.Dataset.Summary.SampleShape);
        var gauge = new Gauge(run => TimeAttribution(run, games, network, keys));
        return work.Add(keys.OpenGradients, samples > 0 ? 1 : 0, gauge).Add(keys.Attribution, samples, gauge);
    }

    /// <summary>Adds rows of a dataset through a network as it is.</summary>
    public static Workload AddClassified(this Workload work, CatalogDataset dataset, int[] indices, RateKeys keys, Func<Classifier> open, double rows, double opens = 1)
    {
        var gauge = new Gauge(run => TimeClassifier(run, dataset, indices, keys, open));
        return work.Add(keys.OpenPlain, opens, gauge).Add(keys.Classify, rows, gauge);
    }

    private static void TimeMasked(GaugeRun run, NetworkGames games, NetworkFile network, RateKeys keys)
    {
        var started = Stopwatch.GetTimestamp();
        using var session = MaskedModel.Build(network.Open(), games.Dataset.Summary.SampleShape, OptionsOf(games.Spec, run.Rates));
        run.Note(keys.Open, 1, Stopwatch.GetElapsedTime(started));
        var (sample, baseline) = Inputs(games, session.MaskedShape);
        var layout = LayoutOf(games, sample, session.MaskedShape, network.Name);
        var masks = Masks(layout.Players, FewRuns * session.RowsAtOnce);
        Evaluate();

        // Jobs evaluate thousands of masks at once: what a call costs beside its masks must not count much.
        started = Stopwatch.GetTimestamp();
        Evaluate();
        var runs = OneEvaluation / Stopwatch.GetElapsedTime(started) * FewRuns;
        masks = Masks(layout.Players, (int)Math.Clamp(runs, FewRuns, MostRuns) * session.RowsAtOnce);
        Evaluate();
        run.Note(keys.Rows, masks.Count, Median(Evaluate));
        if (games.Cut is not null)
        {
            // The first pass makes what later ones reuse.
            const int Passes = 128;
            session.MeanFeature(32, _ => sample.Values, null, run.Cancellation);
            started = Stopwatch.GetTimestamp();
            session.MeanFeature(Passes, _ => sample.Values, null, run.Cancellation);
            run.Note(keys.Head, Passes, Stopwatch.GetElapsedTime(started));
        }

        session.Logits(sample.Values);
        started = Stopwatch.GetTimestamp();
        for (var k = 0; k < Singles; k++)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            session.Logits(sample.Values);
        }

        run.Note(keys.Single, Singles, Stopwatch.GetElapsedTime(started));

        void Evaluate() => session.Evaluate(sample.Values, baseline, layout, 0, masks, new double[masks.Count], null, run.Cancellation);
    }

    private static void TimeAttribution(GaugeRun run, NetworkGames games, NetworkFile network, RateKeys keys)
    {
        var started = Stopwatch.GetTimestamp();
        using var model = DifferentiableModel.Open(network.Open(), games.Dataset.Summary.SampleShape, games.Spec.Device);
        run.Note(keys.OpenGradients, 1, Stopwatch.GetElapsedTime(started));
        var (sample, baseline) = Inputs(games, games.Dataset.Summary.SampleShape);
        double[] cells = [.. sample.Values.Select(cell => (double)cell)];
        double[] from = [.. baseline.Select(cell => (double)cell)];

        // The first pass makes what later ones reuse.
        model.Logits(cells);
        Attribute(1);
        started = Stopwatch.GetTimestamp();
        Attribute(FewSteps);
        run.Note(keys.Attribution, (double)FewSteps / AttributionPlayers.Steps, Stopwatch.GetElapsedTime(started));

        void Attribute(int steps) => model.IntegratedGradients(cells, from, 0, games.Spec.Value!.Type, games.Spec.Cut, steps, run.Cancellation);
    }

    private static void TimeClassifier(GaugeRun run, CatalogDataset dataset, int[] indices, RateKeys keys, Func<Classifier> open)
    {
        var started = Stopwatch.GetTimestamp();
        using var session = open();
        run.Note(keys.OpenPlain, 1, Stopwatch.GetElapsedTime(started));
        using var data = DatasetReader.Open(dataset.Folder);
        float[][] rows = [.. Enumerable.Range(0, 2 * session.SamplesAtOnce).Select(k => data.Get(indices[k % indices.Length]).Values)];
        session.Logits(rows, null, run.Cancellation);
        run.Note(keys.Classify, rows.Length, Median(() => session.Logits(rows, null, run.Cancellation)));
    }

    /// <summary>
    /// The median of some runs, which a disturbance for a moment does not move. A process that has just started compiles its
    /// own code beside them, on the same processors: what was timed meanwhile is timed again.
    /// </summary>
    private static TimeSpan Median(Action work)
    {
        for (var tries = 1; ; tries++)
        {
            var (started, compiled) = (Stopwatch.GetTimestamp(), JitInfo.GetCompilationTime());
            var times = new List<TimeSpan>();
            while (times.Count == 0 || Stopwatch.GetElapsedTime(started) < Enough)
            {
                var start = Stopwatch.GetTimestamp();
                work();
                times.Add(Stopwatch.GetElapsedTime(start));
            }

            if (tries == MostTries || JitInfo.GetCompilationTime() - compiled < Stopwatch.GetElapsedTime(started) * CompilingMatters)
            {
                times.Sort();
                return times[times.Count / 2];
            }
        }
    }

    /// <summary>How a job's networks are built for masking.</summary>
    internal static MaskedModelOptions OptionsOf(GameSettings spec, ISpeedMemory? speed) =>
        new(spec.Value!.Type, spec.Cut, spec.Device, spec.Batch.Number, Executor: spec.Executor.Runs(), Speed: speed);

    /// <summary>A sample of the job and what is put in the place of absent cells.</summary>
    internal static (Sample Sample, float[] Baseline) Inputs(NetworkGames games, IReadOnlyList<int> masked, int k = 0)
    {
        using var dataset = DatasetReader.Open(games.Dataset.Folder);
        IReadOnlyList<int> indices = games.Samples.Indices is { } named ? named : games.Samples.Pools[0].Candidates;
        return (dataset.Get(indices[k % indices.Count]), games.Cut is null ? games.Spec.Baseline!.Of(games.Dataset.Summary.SampleShape, () => dataset.Mean) : new float[new MaskedSpace(masked).Cells]);
    }

    /// <summary>The players of a sample; by attribution, as if all cells were worth the same.</summary>
    internal static PlayerLayout LayoutOf(NetworkGames games, Sample sample, IReadOnlyList<int> masked, string network)
    {
        var layout = games.Players.ByAttribution
            ? games.Players.Strongest(new double[games.Cut?.Cells ?? sample.Values.Length]).Layout
            : games.Players.For(sample.Index, () => sample).Layout;
        return games.Cut is { } cut ? CutFit.Onto(layout, cut.Shape, masked, network) : layout;
    }

    /// <summary>Distinct masks, as many as wanted or as there are.</summary>
    private static MaskList Masks(int players, int most)
    {
        var random = new Random(Seed);
        var masks = new MaskList(players);
        var wanted = players < 20 ? Math.Min(1 << players, most) : most;
        var mask = new ulong[masks.Words];
        while (masks.Count < wanted)
        {
            for (var word = 0; word < mask.Length; word++)
            {
                var bits = Math.Min(players - (64 * word), 64);
                mask[word] = (ulong)random.NextInt64() << 32 ^ (ulong)random.NextInt64();
                mask[word] &= bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
            }

            masks.Place(mask);
        }

        return masks;
    }
}
