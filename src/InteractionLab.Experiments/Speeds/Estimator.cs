using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Speeds;

/// <summary>Turns counted work into seconds, measuring what nobody has measured yet.</summary>
internal static class Estimator
{
    // Two measurements at once would measure each other.
    private static readonly SemaphoreSlim Turn = new(1, 1);

    /// <summary>The estimate of a plan with its seconds.</summary>
    public static Task<ExperimentEstimate> EstimateAsync<T>(T plan, ILabCatalog catalog, CancellationToken cancellation)
        where T : IExperimentPlan, IWorkPlan => EstimateAsync(plan.Estimate, plan.Work, catalog, cancellation);

    /// <summary>The estimate with its seconds.</summary>
    /// <param name="counted">What was counted.</param>
    /// <param name="build">Lays the work out; may read models.</param>
    /// <param name="catalog">What is remembered.</param>
    /// <param name="cancellation">Stops the measuring; what was measured by then is kept.</param>
    public static async Task<ExperimentEstimate> EstimateAsync(ExperimentEstimate counted, Func<Workload> build, ILabCatalog catalog, CancellationToken cancellation)
    {
        var laidOut = await OwnThread.Run(() => LayOut(counted, build), cancellation).ConfigureAwait(false);
        if (laidOut.Work is not { } work)
        {
            return laidOut.Counted;
        }

        if (!IsAnythingMissing(work, catalog))
        {
            return await OwnThread.Run(() => Estimate(laidOut.Counted, work, catalog, cancellation), cancellation).ConfigureAwait(false);
        }

        await Turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await OwnThread.Run(() => Estimate(laidOut.Counted, work, catalog, cancellation), cancellation).ConfigureAwait(false);
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>What is remembered needs no turn: whoever asks for that alone does not wait for others' measurements.</summary>
    private static bool IsAnythingMissing(Workload work, ILabCatalog catalog)
    {
        var busy = catalog.RunningJobs > 0;
        return work.Parts.Any(part => part.Gauge is not null && IsMissing(catalog.Rates.Find(part.Key), busy));
    }

    private static (ExperimentEstimate Counted, Workload? Work) LayOut(ExperimentEstimate counted, Func<Workload> build)
    {
        try
        {
            var work = build();
            return (counted with { SavedPasses = work.SavedPasses }, work);
        }
        catch (Exception refusal) when (IsRefusal(refusal))
        {
            return (Unknown(counted, refusal), null);
        }
    }

    private static bool IsRefusal(Exception error) => error is ModelRejectedException or ExperimentException or IOException;

    private static ExperimentEstimate Unknown(ExperimentEstimate counted, Exception refusal) =>
        counted with { Note = Join(counted.Note, $"The time is not known: {refusal.Message}") };

    private static ExperimentEstimate Estimate(ExperimentEstimate counted, Workload work, ILabCatalog catalog, CancellationToken cancellation)
    {
        try
        {
            var busy = catalog.RunningJobs;
            var (measured, disturbed) = Measure(work, new GaugeRun(catalog.Rates, busy > 0, cancellation));
            if (Seconds(work, catalog) is not { } seconds)
            {
                return counted with { Note = Join(counted.Note, "How long a part of this work takes could not be measured here.") };
            }

            return counted with { Seconds = seconds, Basis = measured ? EstimateBasis.Measured : EstimateBasis.Remembered, Note = Join(counted.Note, Note(disturbed, busy)) };
        }
        catch (Exception refusal) when (IsRefusal(refusal))
        {
            return Unknown(counted, refusal);
        }
    }

    private static double? Seconds(Workload work, ILabCatalog catalog)
    {
        var alone = 0.0;
        var pipelines = new Dictionary<Pipeline, (double First, double Then)>();
        foreach (var part in work.Parts)
        {
            if ((catalog.Rates.Find(part.Key)?.SecondsPerUnit ?? part.Assumed) is not { } rate)
            {
                return null;
            }

            var seconds = part.Units * rate;
            if (part.Pipeline is not { } pipeline)
            {
                alone += seconds;
                continue;
            }

            var (first, rest) = pipelines.GetValueOrDefault(pipeline);
            pipelines[pipeline] = part.IsRest ? (first, rest + seconds) : (first + seconds, rest);
        }

        return alone + pipelines.Sum(pipeline => pipeline.Key.Seconds(pipeline.Value.First, pipeline.Value.Then, ProcessorShare.Threads));
    }

    /// <summary>Measures what is missing; says whether anything was, and whether what is used was measured beside running jobs.</summary>
    private static (bool Measured, bool Disturbed) Measure(Workload work, GaugeRun run)
    {
        var done = new HashSet<Gauge>();
        foreach (var part in work.Parts)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            if (part.Gauge is { } gauge && IsMissing(run.Rates.Find(part.Key), run.Disturbed) && done.Add(gauge))
            {
                gauge.Run(run);
            }
        }

        return (done.Count > 0, work.Parts.Any(part => part.Gauge is not null && run.Rates.Find(part.Key)?.Source == RateSource.Disturbed));
    }

    // What was measured beside jobs is measured again when there are none.
    private static bool IsMissing(Rate? rate, bool busy) => rate is null || (rate.Source == RateSource.Disturbed && !busy);

    private static string? Note(bool disturbed, int busy) => !disturbed
        ? null
        : busy == 0
            ? "Measured while jobs ran, so it may be too long."
            : string.Create(CultureInfo.InvariantCulture, $"Measured while {(busy == 1 ? "a job runs" : $"{busy} jobs run")}, which the machine is shared with: it may be too long.");

    private static string? Join(string? first, string? second) => first is null ? second : second is null ? first : $"{first} {second}";
}
