using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Experiments.ModulationStudy;
using InteractionLab.Experiments.Training;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Modulation;

/// <summary>A modulation study with its finished steps, and the epochs of its trainings.</summary>
/// <param name="Runs">One entry a finished training.</param>
public sealed record ModulationContext(JobView Job, IReadOnlyList<string> Tables, ModulationStudyResult Report, IReadOnlyList<VariantRun> Runs, IReadOnlyDictionary<string, string> Names)
    : ResultContext<ModulationStudyResult>(Job, Tables, Report)
{
    /// <summary>The job of a finished step by its kind; null before it has ended.</summary>
    public string? Step(string kind) => Report.Steps.FirstOrDefault(step => step.Kind == kind)?.Job;

    /// <inheritdoc/>
    public override int Finished => Report.Finished;

    /// <inheritdoc/>
    public override int Total => Report.Total;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => Report.Notes;
}

/// <summary>A finished training of a variant.</summary>
/// <param name="Place">Position of the variant.</param>
/// <param name="Variant">Name of the variant.</param>
/// <param name="Network">What was trained.</param>
/// <param name="Epochs">Its course.</param>
public sealed record VariantRun(int Place, string Variant, TrainedNetwork Network, IReadOnlyList<EpochResult> Epochs);

/// <summary>The kind <c>modulation-study</c>.</summary>
internal sealed class ModulationResultView(ReportReader reader) : IResultView
{
    private static readonly ResultTab[] Known = [new("capabilities", "Capabilities"), new("profiles", "Profiles"), new("training", "Training")];

    /// <inheritdoc/>
    public Type Component => typeof(ModulationView);

    /// <inheritdoc/>
    public bool Shows(string kind) => kind == "modulation-study";

    /// <inheritdoc/>
    public IReadOnlyList<ResultTab> Tabs(ResultContext context) => Known;

    /// <inheritdoc/>
    public async Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation)
    {
        if (await reader.ReadAsync<ModulationStudyResult>(job, cancellation) is not { } report)
        {
            return null;
        }

        VariantRun[] runs =
        [
            .. report.Variants.SelectMany((variant, place) => variant.Networks.Select(network => new VariantRun(place, variant.Name, network, Epochs(report, network.Job)))),
        ];
        return new ModulationContext(job, await reader.TablesAsync(job, cancellation), report, runs, await reader.NamesAsync(runs.Select(run => run.Network.Model), cancellation));
    }

    private static IReadOnlyList<EpochResult> Epochs(ModulationStudyResult report, string job) =>
        report.Steps.FirstOrDefault(step => step.Job == job)?.Result.Deserialize<TrainingResult>(LabJson.Options)?.Epochs ?? [];
}
