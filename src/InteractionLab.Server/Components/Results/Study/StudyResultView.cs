using InteractionLab.Experiments.TrainingStudy;
using InteractionLab.Server.Components.Results.Dynamics;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Study;

/// <summary>A training study with its finished steps.</summary>
public sealed record StudyContext(JobView Job, IReadOnlyList<string> Tables, TrainingStudyResult Report) : ResultContext<TrainingStudyResult>(Job, Tables, Report)
{
    /// <summary>The dynamics as their own job page shows them; null before the last step has ended.</summary>
    public DynamicsContext? Dynamics { get; } = Report.Dynamics is { } dynamics ? new DynamicsContext(Job, Tables, dynamics) : null;

    /// <inheritdoc/>
    public override int Finished => Report.Finished;

    /// <inheritdoc/>
    public override int Total => Report.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;
}

/// <summary>The kind <c>training-study</c>.</summary>
internal sealed class StudyResultView(ReportReader reader) : IResultView
{
    private static readonly ResultTab[] Known = [new("dynamics", "Dynamics"), new("orders", "Orders"), new("references", "References"), new("evidence", "Evidence")];

    /// <inheritdoc/>
    public Type Component => typeof(StudyView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "training-study";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => Known;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation) =>
        await reader.ReadAsync<TrainingStudyResult>(job, cancellation) is { } report
            ? new StudyContext(job, await reader.TablesAsync(job, cancellation), report)
            : null;
}
