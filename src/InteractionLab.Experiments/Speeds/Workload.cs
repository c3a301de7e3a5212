namespace InteractionLab.Experiments.Speeds;

/// <summary>
/// A short measurement of some kinds of work, made only where an estimate needs one of them.
/// </summary>
/// <param name="Run">Does a little of the real work and notes what it took.</param>
internal sealed record Gauge(Action<GaugeRun> Run);

/// <summary>One measurement going on.</summary>
/// <param name="Rates">Where it is noted.</param>
/// <param name="Disturbed">Whether jobs run meanwhile.</param>
/// <param name="Cancellation">Stops it.</param>
internal sealed record GaugeRun(RateMemory Rates, bool Disturbed, CancellationToken Cancellation)
{
    /// <summary>Notes what some units of work took.</summary>
    public void Note(string key, double units, TimeSpan elapsed) =>
        Rates.Keep(key, new Rate(elapsed.TotalSeconds / units, Disturbed ? RateSource.Disturbed : RateSource.Calibrated));
}

/// <summary>A part of a job's work.</summary>
/// <param name="Key">What kind of work it is.</param>
/// <param name="Units">How much of it there is.</param>
/// <param name="Gauge">What measures a unit; null where nothing short can, and <paramref name="Assumed"/> stands in.</param>
/// <param name="Assumed">Seconds a unit where no job has done it yet.</param>
/// <param name="Pipeline">The cells it is a part of, where these overlap.</param>
/// <param name="IsRest">Whether it belongs to the rest of those cells, and not to their first part.</param>
internal sealed record WorkPart(string Key, double Units, Gauge? Gauge, double? Assumed, Pipeline? Pipeline = null, bool IsRest = false);

/// <summary>
/// Cells whose first part, a network on all processors, goes on beside the rest of the cell before, which is one thread's
/// work (<see cref="IPipelinedRun"/>).
/// </summary>
/// <param name="cells">How many there are.</param>
/// <param name="ahead">How many are begun beyond the oldest that has not ended.</param>
internal sealed class Pipeline(long cells, int ahead)
{
    /// <summary>
    /// Seconds of all cells: the processors do both kinds of work, no more rests go on at once than the pipeline holds, and
    /// what the first cell begins and the last one ends has nothing beside it.
    /// </summary>
    /// <param name="first">Seconds of all first parts, alone.</param>
    /// <param name="rest">Seconds of all rests, one after the other.</param>
    /// <param name="threads">Threads of a job.</param>
    public double Seconds(double first, double rest, int threads)
    {
        var overlapped = Math.Max(first + (rest / threads), rest / Math.Min(threads, ahead + 1));
        return overlapped + ((first + rest - overlapped) / Math.Max(cells, 1));
    }
}

/// <summary>What a job's seconds are made of.</summary>
internal sealed class Workload
{
    private readonly List<WorkPart> _parts = [];

    /// <summary>Passes of the job that the cache saves; null where nobody looked.</summary>
    public long? SavedPasses { get; private set; }

    /// <summary>The parts.</summary>
    public IReadOnlyList<WorkPart> Parts => _parts;

    /// <summary>Adds work that a gauge can measure.</summary>
    public Workload Add(string key, double units, Gauge gauge) => Add(new WorkPart(key, units, gauge, null));

    /// <summary>Adds work too small or too entangled to be measured by itself: an assumed rate stands until a job has done it.</summary>
    public Workload Assume(string key, double units, double secondsPerUnit) => Add(new WorkPart(key, units, null, secondsPerUnit));

    /// <summary>Notes passes that the cache saves.</summary>
    public Workload Save(long passes)
    {
        SavedPasses = (SavedPasses ?? 0) + passes;
        return this;
    }

    /// <summary>Adds work whose time is known.</summary>
    public Workload AddKnown(TimeSpan time) => Assume("known", time.TotalSeconds, 1);

    /// <summary>Adds what a job does besides its cells' own work: each cell is written, flushed and committed, and at the end all are read again.</summary>
    public Workload AddStorage(string kind, double cells) =>
        Assume(StorageRates.Commit, cells, StorageRates.UsualCommit).Assume(StorageRates.Complete(kind), cells, StorageRates.UsualComplete);

    /// <summary>Adds cells that overlap.</summary>
    /// <param name="cells">How many.</param>
    /// <param name="first">Adds their first parts.</param>
    /// <param name="rest">Adds their rests.</param>
    /// <param name="ahead">How many are begun beyond the oldest that has not ended.</param>
    public Workload AddPipelined(long cells, Action<Workload> first, Action<Workload> rest, int ahead)
    {
        var pipeline = new Pipeline(cells, ahead);
        Mark(first, isRest: false);
        Mark(rest, isRest: true);
        return this;

        void Mark(Action<Workload> add, bool isRest)
        {
            var begin = _parts.Count;
            add(this);
            for (var i = begin; i < _parts.Count; i++)
            {
                _parts[i] = _parts[i] with { Pipeline = pipeline, IsRest = isRest };
            }
        }
    }

    /// <summary>Adds another job's work, several times over.</summary>
    public Workload Add(Workload other, double times = 1)
    {
        foreach (var part in other._parts)
        {
            Add(part with { Units = part.Units * times });
        }

        return this;
    }

    private Workload Add(WorkPart part)
    {
        if (part.Units > 0)
        {
            _parts.Add(part);
        }

        return this;
    }
}

/// <summary>A plan that can say what its seconds are made of.</summary>
internal interface IWorkPlan
{
    /// <summary>The work; may read models, so not for the thread of a request.</summary>
    Workload Work();
}
