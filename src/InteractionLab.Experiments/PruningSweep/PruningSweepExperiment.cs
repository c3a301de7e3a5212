using System.Collections.Concurrent;
using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>The kind <c>pruning-sweep</c>.</summary>
public sealed class PruningSweepExperiment : Experiment<PruningSweepSpec, PruningSweepResult>
{
    private const int DefaultEvaluation = 1000;
    private const int MostLabelsNamed = 5;

    // What a pruner can reach is a fact of the file; ranking all weights for every look at a spec would be waste.
    private readonly ConcurrentDictionary<(string Sha256, PrunerSpec Pruner), double> _reach = new();

    /// <inheritdoc/>
    public override string Kind => "pruning-sweep";

    /// <inheritdoc/>
    public override string Title => "Pruning sweep";

    /// <inheritdoc/>
    public override string Description => "Prunes a network further and further and shows which interactions each ratio removes, preserves and adds, and which of them a reference network has too.";

    private protected override PruningSweepSpec Read(SpecObject fields) => PruningSweepSpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(PruningSweepSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        if (spec.TrainingJob is { } id && faults.IsClean("trainingJob"))
        {
            var job = await catalog.FindJobAsync(id, cancellation).ConfigureAwait(false);
            spec = spec with { Pool = TrainedPool.Find(job, id, faults), TrainingJob = null };
        }

        List<(string Field, string Id)> named = [("model", spec.Model), .. spec.References.Select((id, i) => ($"references[{i}]", id)), .. (spec.Pool ?? []).Select((entry, i) => ($"pool[{i}].model", entry.Model))];
        var ask = await ModelReadings.AskAsync(spec, spec.Dataset, catalog, cancellation).ConfigureAwait(false);
        var models = await NetworkGames.FindModelsAsync(named, ask, catalog, faults, cancellation).ConfigureAwait(false);
        var games = await NetworkGames.LayOutAsync(spec, models, catalog, faults, cancellation).ConfigureAwait(false);
        var evaluation = await EvaluationAsync(spec, models[0], catalog, faults, cancellation).ConfigureAwait(false);
        if (models[0].Model is { } model && faults.AreClean("model", "pruner") && spec.Pruner is not null)
        {
            await Task.Run(() => CheckReach(spec, model, faults), cancellation).ConfigureAwait(false);
        }

        if (games is null || evaluation is null || models.Any(found => found.Model is null || !faults.IsClean(found.Field))
            || !faults.AreClean("pruner", "ratios", "pool", "trainingJob", "references"))
        {
            return null;
        }

        var filled = (PruningSweepSpec)games.Spec with { Evaluation = new EvaluationSpec(evaluation.Value.Set.Dataset.Id, evaluation.Value.Samples) };
        var references = spec.References.Count;
        var layout = new SweepLayout(
            filled,
            games with { Spec = filled, OutputNotes = [.. games.OutputNotes.Union(evaluation.Value.Notes)] },
            models[0].Model!,
            [.. models.Skip(1).Take(references).Select(found => found.Model!)],
            Steps(filled, models[0].Model!, [.. models.Skip(1 + references).Select(found => found.Model!)]),
            evaluation.Value.Set);
        return Plan(layout, catalog, faults);
    }

    private static SweepStep[] Steps(PruningSweepSpec spec, CatalogModel model, CatalogModel[] pool) => spec.Pool is { } entries
        ? [.. entries.Select((entry, i) => new SweepStep(entry.Sparsity, pool[i]))]
        : [.. spec.Ratios!.Select(ratio => new SweepStep(ratio, ratio == 0 ? model : null))];

    private static SweepPlan? Plan(SweepLayout layout, ILabCatalog catalog, SpecFaults faults)
    {
        var rows = layout.Rows();
        if (rows > catalog.MaxForwardPasses)
        {
            faults.Add("samples", $"{layout.Games.Samples.Keys.Count} samples of {layout.Games.PlayerCount} players on {layout.Networks.Count} networks and at {layout.Steps.Count} ratios need {rows} forward passes; one job may ask for {catalog.MaxForwardPasses}");
            return null;
        }

        return new SweepPlan(layout, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(layout.Spec, LabJson.Options),
            Estimate = new ExperimentEstimate(rows, SweepCost.Bytes(layout), HeadPasses: layout.Games.HeadPasses(layout.Played), Note: layout.Games.Warning),
        };
    }

    private void CheckReach(PruningSweepSpec spec, CatalogModel model, SpecFaults faults)
    {
        double reach;
        try
        {
            reach = _reach.GetOrAdd((model.Sha256, spec.Pruner!), _ => Pruner.Create(OnnxModel.Load(File.ReadAllBytes(model.Path)), spec.Pruner!.Options).MaxRatio);
        }
        catch (ModelRejectedException exception)
        {
            faults.Add("model", $"cannot be pruned: {exception.Message}");
            return;
        }

        for (var i = 0; i < (spec.Ratios?.Count ?? 0); i++)
        {
            if (spec.Ratios![i] > reach)
            {
                faults.Add($"ratios[{i}]", FormattableString.Invariant($"{spec.Ratios[i]} cannot be reached: on this model the pruner goes no further than {Math.Floor(reach * 1e4) / 1e4}"));
            }
        }
    }

    private static async Task<(EvaluationSet Set, SampleSelection Samples, IReadOnlyList<string> Notes)?> EvaluationAsync(PruningSweepSpec spec, NamedModel model, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        // A fault of the games' dataset is told there and not again here.
        var asked = spec.Evaluation!;
        if (!faults.IsClean("evaluation") || (asked.Dataset == spec.Dataset && !faults.IsClean("dataset")))
        {
            return null;
        }

        var dataset = await catalog.FindDatasetAsync(asked.Dataset, cancellation).ConfigureAwait(false);
        if (dataset is null)
        {
            faults.Add("evaluation.dataset", $"there is no dataset '{asked.Dataset}'");
            return null;
        }

        if (dataset.Summary.Kind == SampleKind.Games)
        {
            faults.Add("evaluation.dataset", "holds tables of outputs; accuracy takes pictures, tables or text");
            return null;
        }

        if (model.Input is { } input && faults.IsClean(model.Field))
        {
            ModelFit.CheckInput(dataset.Summary, input, "evaluation.dataset", faults);
        }

        var samples = asked.Samples ?? new SampleSelection.AtRandom(Math.Min(DefaultEvaluation, dataset.Summary.Count), spec.Seed, CorrectOnly: false, PerClass: false);
        var chosen = await Task.Run(() => Indices(dataset, samples, model.Classes, faults), cancellation).ConfigureAwait(false);
        return chosen is not { } found || !faults.IsClean("evaluation") ? null : (new EvaluationSet(dataset, found.Indices), samples, found.Notes);
    }

    private static (int[] Indices, IReadOnlyList<string> Notes)? Indices(CatalogDataset dataset, SampleSelection samples, int? classes, SpecFaults faults)
    {
        IReadOnlyList<int>? labels;
        using (var opened = DatasetReader.Open(dataset.Folder))
        {
            labels = opened.Labels;
        }

        if (labels is null)
        {
            faults.Add("evaluation.dataset", "has no labels, so there is no accuracy");
            return null;
        }

        var plan = SamplePlan.Create(samples, dataset.Summary.Count, dataset.Summary.Classes, labels, faults, "evaluation.samples");
        if (plan?.Indices is not { } indices || !faults.IsClean("evaluation.samples"))
        {
            return null;
        }

        foreach (var index in indices.Where(index => labels[index] < 0 || labels[index] >= classes).Take(MostLabelsNamed))
        {
            faults.Add("evaluation.samples", $"sample {index} has label {labels[index]}, outside 0..{classes - 1}, the model's classes");
        }

        return ([.. indices], ClassFit.Check(labels, dataset.Summary.Classes, classes, isAsked: true, "evaluation.dataset", faults));
    }
}
