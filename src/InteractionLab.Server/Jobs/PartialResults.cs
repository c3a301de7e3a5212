using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;

namespace InteractionLab.Server.Jobs;

/// <summary>A result computed from the cells finished so far.</summary>
internal sealed record PartialResult(byte[] Json, IReadOnlyDictionary<string, string> Tables, int Done);

/// <summary>Results of unfinished jobs: computed when asked for, kept until more cells are finished. Remembers a few jobs.</summary>
internal sealed class PartialResults(ExperimentRegistry experiments, ILabCatalog catalog, CellStore cells)
{
    private const int Remembered = 8;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private long _clock;

    /// <summary>The result of what is finished.</summary>
    /// <exception cref="ConflictException">No cell is finished, or the job's model or dataset is gone.</exception>
    public async Task<PartialResult> GetAsync(JobRow job, CancellationToken cancellation)
    {
        var source = await cells.OpenAsync(job.Id, job.Total, cancellation);
        if (source.Finished == 0)
        {
            throw new ConflictException("No cell of the job is finished yet.");
        }

        var entry = Touch(job.Id);
        // One computation a job at a time: several pages that watch the same job share it.
        await entry.Gate.WaitAsync(cancellation);
        try
        {
            if (entry.Result?.Done != source.Finished)
            {
                entry.Result = await ComputeAsync(job, source, cancellation);
            }

            return entry.Result;
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>Drops what is remembered of a job.</summary>
    public void Forget(string jobId)
    {
        lock (_lock)
        {
            _entries.Remove(jobId);
        }
    }

    private async Task<PartialResult> ComputeAsync(JobRow job, CellSource source, CancellationToken cancellation)
    {
        try
        {
            var spec = JsonSerializer.Deserialize<JsonElement>(job.Spec, LabJson.Options);
            var output = await Task.Run(
                async () =>
                {
                    var plan = await experiments.Get(job.Kind).PlanAsync(spec, catalog, cancellation);
                    return await plan.CompleteAsync(source, cancellation);
                },
                cancellation);
            return new(JobOutputs.Serialize(output), output.Tables.ToDictionary(t => t.Name, JobOutputs.Csv), source.Finished);
        }
        catch (SpecException error)
        {
            throw new ConflictException($"What the job reads is no longer there: {error.Message}");
        }
    }

    private Entry Touch(string jobId)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(jobId, out var entry))
            {
                if (_entries.Count >= Remembered)
                {
                    _entries.Remove(_entries.MinBy(e => e.Value.LastUsed).Key);
                }

                _entries[jobId] = entry = new Entry();
            }

            entry.LastUsed = ++_clock;
            return entry;
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public PartialResult? Result { get; set; }

        public long LastUsed { get; set; }
    }
}
