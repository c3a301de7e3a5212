using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Views;

/// <summary>One of several jobs of a kind that are compared.</summary>
/// <typeparam name="TReport">The kind's result.</typeparam>
/// <param name="Job">The job.</param>
/// <param name="Name">Its name, made different from the others'.</param>
/// <param name="Report">What it has found so far.</param>
public sealed record Run<TReport>(JobView Job, string Name, TReport Report)
{
    /// <summary>Runs with names that tell them apart: equal names get the first characters of their id.</summary>
    internal static IReadOnlyList<Run<TReport>> Named(IReadOnlyList<(JobView Job, TReport Report)> runs)
    {
        var taken = runs.GroupBy(r => r.Job.Name).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        return [.. runs.Select(r => new Run<TReport>(r.Job, taken.Contains(r.Job.Name) ? $"{r.Job.Name} ({r.Job.Id[..Math.Min(6, r.Job.Id.Length)]})" : r.Job.Name, r.Report))];
    }
}
