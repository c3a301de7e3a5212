using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Views;

/// <summary>A job with what it has found so far, as the tabs of its page read it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Tables">The tables it has.</param>
public abstract record ResultContext(JobView Job, IReadOnlyList<string> Tables)
{
    /// <summary>Finished cells the report rests on.</summary>
    public abstract int Finished { get; }

    /// <summary>Cells of the job.</summary>
    public abstract int Total { get; }

    /// <summary>What the reader should know.</summary>
    public abstract IReadOnlyList<string> Notes { get; }

    /// <summary>Where a table of the job is, as CSV; null where the job has no such table.</summary>
    public string? Csv(string table) => Tables.Contains(table) ? $"api/v1/jobs/{Job.Id}/tables/{table}.csv{(Job.State is JobState.Succeeded ? "" : "?partial=true")}" : null;

    /// <summary>A file name for an export.</summary>
    public string File(string chart) => $"{Job.Id}-{chart}";
}

/// <summary>The context of a kind that is read from one result object.</summary>
/// <typeparam name="TReport">The result object.</typeparam>
/// <param name="Job">The job.</param>
/// <param name="Tables">The tables it has.</param>
/// <param name="Report">What the finished cells support.</param>
public abstract record ResultContext<TReport>(JobView Job, IReadOnlyList<string> Tables, TReport Report) : ResultContext(Job, Tables);

/// <summary>A kind without charts of its own: nothing but its files.</summary>
internal sealed record PlainContext(JobView Job, IReadOnlyList<string> Tables) : ResultContext(Job, Tables)
{
    public override int Finished => Job.Progress.Done;

    public override int Total => Job.Progress.Total;

    public override IReadOnlyList<string> Notes => [];
}
