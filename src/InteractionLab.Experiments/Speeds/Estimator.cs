using System.Globalization;
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
        await Turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // A thread of its own: measuring is work, and requests wait for the pool's threads.
            return await Task.Factory.StartNew(
                () => Estimate(counted, build, catalog, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            Turn.Release();
        }
    }

    private static ExperimentEstimate Estimate(ExperimentEstimate counted, Func<Workload> build, ILabCatalog catalog, CancellationToken cancellation)
    {
        try
        {
            var work = build();
            counted = counted with { SavedPasses = work.SavedPasses };
            var busy = catalog.RunningJobs;
            var (measured, disturbed) = Measure(work, new GaugeRun(catalog.Rates, busy > 0, cancellation));
            var seconds = 0.0;
            foreach (var part in work.Parts)
            {
                if ((catalog.Rates.Find(part.Key)?.SecondsPerUnit ?? part.Assumed) is not { } rate)
                {
                    return counted with { Note = "How long a part of this work takes could not be measured here." };
                }

                seconds += part.Units * rate;
            }

            return counted with { Seconds = seconds, Basis = measured ? EstimateBasis.Measured : EstimateBasis.Remembered, Note = Join(counted.Note, Note(disturbed, busy)) };
        }
        catch (Exception refusal) when (refusal is ModelRejectedException or ExperimentException or IOException)
        {
            return counted with { Note = Join(counted.Note, $"The time is not known: {refusal.Message}") };
        }
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
