using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Experiments.Cells;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results;

/// <summary>Reads what a job has found so far: the report, and single games whole.</summary>
internal sealed class ReportReader(ResultService results, JobService jobs, ExperimentRegistry experiments, ILabCatalog catalog)
{
    /// <summary>What the finished cells of a job support; null while there are none.</summary>
    /// <typeparam name="TReport">The result as its JSON says it.</typeparam>
    public async Task<TReport?> ReadAsync<TReport>(JobView job, CancellationToken cancellation)
        where TReport : class
    {
        if (job.State is not JobState.Succeeded && job.Progress.Done == 0)
        {
            return null;
        }

        var result = await results.ResultAsync(job.Id, partial: true, cancellation);
        return JsonSerializer.Deserialize<TReport>(result.Json.Span, LabJson.Options);
    }

    /// <summary>What tables a job has; unfinished ones too.</summary>
    public async Task<IReadOnlyList<string>> TablesAsync(JobView job, CancellationToken cancellation) => (await OutputAsync(job, cancellation)).Tables;

    /// <summary>What tables and artifacts a job has.</summary>
    public Task<(IReadOnlyList<string> Tables, IReadOnlyList<ArtifactView> Artifacts)> OutputAsync(JobView job, CancellationToken cancellation) =>
        results.OutputAsync(job.Id, partial: true, cancellation);

    /// <summary>The names of models by id; those that were deleted since are not among them.</summary>
    public async Task<IReadOnlyDictionary<string, string>> NamesAsync(IEnumerable<string> models, CancellationToken cancellation)
    {
        var names = new Dictionary<string, string>();
        foreach (var id in models.Distinct())
        {
            if (await catalog.FindModelAsync(id, cancellation) is { } model)
            {
                names[id] = model.Name;
            }
        }

        return names;
    }

    /// <summary>One game of a job; null where its cell is not finished.</summary>
    /// <param name="job">The job.</param>
    /// <param name="position">Its position among the samples of the report: no later than its cell, since cells without a sample are left out there.</param>
    /// <param name="index">Its index.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="SpecException">The job's model or dataset is gone.</exception>
    public async Task<GameDetail?> GameAsync(JobView job, int position, int index, CancellationToken cancellation)
    {
        var (plan, cells) = await OpenAsync(job, cancellation);
        for (var cell = position; cell < plan?.Games; cell++)
        {
            if (await plan.ReadGameAsync(cells, cell, cancellation) is { } game && game.Index == index)
            {
                return game;
            }
        }

        return null;
    }

    /// <summary>Both decompositions of a pair that was decomposed jointly; null where it is not finished.</summary>
    public async Task<PairDetail?> PairAsync(JobView job, int a, int b, CancellationToken cancellation)
    {
        var (plan, cells) = await OpenAsync(job, cancellation);
        for (var pair = 0; pair < plan?.Pairs; pair++)
        {
            if (await plan.ReadPairAsync(cells, pair, cancellation) is { } detail && detail.A == a && detail.B == b)
            {
                return detail;
            }
        }

        return null;
    }

    private async Task<(IGamePlan? Plan, ICellSource Cells)> OpenAsync(JobView job, CancellationToken cancellation)
    {
        var plan = await Task.Run(() => experiments.Get(job.Kind).PlanAsync(job.Spec, catalog, cancellation), cancellation);
        return (plan as IGamePlan, await jobs.OpenCellsAsync(job.Id, cancellation));
    }
}
