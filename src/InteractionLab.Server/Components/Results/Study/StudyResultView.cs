using InteractionLab.Experiments.TrainingDynamics;
using InteractionLab.Experiments.TrainingStudy;
using InteractionLab.Server.Components.Results.Dynamics;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Study;

/// <summary>A training study with its finished steps, and the dynamics as the last step's own page shows them: null before it has ended.</summary>
public sealed record StudyContext(JobView Job, IReadOnlyList<string> Tables, TrainingStudyResult Report, DynamicsContext? Dynamics) : ResultContext<TrainingStudyResult>(Job, Tables, Report)
{
    /// <inheritdoc/>
    public override int Finished => Report.Finished;

    /// <inheritdoc/>
    public override int Total => Report.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;
}

/// <summary>The kind <c>training-study</c>.</summary>
internal sealed class StudyResultView(ReportReader reader, JobService jobs) : IResultView
{
    private static readonly ResultTab[] Known = [new("dynamics", "Dynamics"), new("orders", "Orders"), new("references", "References"), new("evidence", "Evidence")];
    private static readonly ResultTab[] Compared = [.. Known, new("penalty", "Penalty")];

    /// <inheritdoc/>
    public Type Component => typeof(StudyView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "training-study";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => ((StudyContext)context).Report.Comparison.Count > 0 ? Compared : Known;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation)
    {
        if (await reader.ReadAsync<TrainingStudyResult>(job, cancellation) is not { } report)
        {
            return null;
        }

        var tables = await reader.TablesAsync(job, cancellation);
        return new StudyContext(job, tables, report, report.Dynamics is { } dynamics ? await DynamicsAsync(job, tables, report, dynamics, cancellation) : null);
    }

    // The numbers behind the charts are tables of the first such step's own job, the target's, while it is there.
    private async Task<DynamicsContext> DynamicsAsync(JobView study, IReadOnlyList<string> tables, TrainingStudyResult report, TrainingDynamicsResult dynamics, CancellationToken cancellation)
    {
        var names = await reader.NamesAsync(dynamics.References.Select(r => r.Model), cancellation);
        try
        {
            if (report.Steps.FirstOrDefault(s => s.Kind == "training-dynamics") is { } last)
            {
                var step = await jobs.FindAsync(last.Job, cancellation);
                return new DynamicsContext(step, await reader.TablesAsync(step, cancellation), dynamics, names);
            }
        }
        catch (NotFoundException)
        {
        }

        return new DynamicsContext(study, tables, dynamics, names);
    }
}
