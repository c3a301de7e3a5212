using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;

namespace InteractionLab.Experiments.Macro;

/// <summary>The kind <c>macro</c>.</summary>
public sealed class MacroExperiment : Experiment<MacroSpec, MacroResult>
{
    /// <summary>The name in the API.</summary>
    internal const string KindName = "macro";

    private const long CellBytes = 1024;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override string Title => "Macroscopic tests";

    /// <inheritdoc/>
    public override string Description => "Tests what networks do as a whole: use of structure, fitting and generalization, robustness to attacks.";

    private protected override MacroSpec Read(SpecObject fields) => MacroSpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(MacroSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var ask = await ModelReadings.AskAsync(spec, spec.Dataset, catalog, cancellation).ConfigureAwait(false);
        var models = await NetworkGames.FindModelsAsync([.. spec.Models.Select((id, k) => ($"models[{k}]", id))], ask, catalog, faults, cancellation).ConfigureAwait(false);
        return await LayOutAsync(spec, models, models.Count, models.Count == 0 ? null : models[0].Classes, catalog, faults, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Checks a spec whose models are not there yet, for a job that will be queued later. The job laid out; null, with
    /// faults recorded, where it cannot be run.
    /// </summary>
    /// <param name="spec">The spec; its models are not looked at.</param>
    /// <param name="networks">How many models there will be.</param>
    /// <param name="classes">The classes that they will have; null where that is not known.</param>
    /// <param name="catalog">The datasets.</param>
    /// <param name="faults">Where faults go, under the names of this kind's fields.</param>
    /// <param name="cancellation">Ends the check.</param>
    internal static Task<MacroPlan?> CheckAsync(MacroSpec spec, int networks, int? classes, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation) =>
        LayOutAsync(spec, [], networks, classes, catalog, faults, cancellation);

    private static async Task<MacroPlan?> LayOutAsync(
        MacroSpec spec, IReadOnlyList<NamedModel> models, int networks, int? classes, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var test = await FindAsync(spec.Dataset, "dataset", catalog, faults, cancellation).ConfigureAwait(false);
        var train = spec.Fit is null ? null : await FindAsync(spec.Fit.Train.Dataset, "fit.train.dataset", catalog, faults, cancellation).ConfigureAwait(false);
        NetworkGames.CheckDevice(spec.Device, ExecutorKind.Onnxruntime, faults);
        if (spec.Robustness is not null)
        {
            TrainingFit.CheckTorch(spec.Device, faults);
        }

        return await Task.Run(() => LayOut(spec, models, networks, classes, test, train, catalog, faults), cancellation).ConfigureAwait(false);
    }

    private static async Task<CatalogDataset?> FindAsync(string id, string field, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var dataset = faults.IsClean(field) && id.Length > 0 ? await catalog.FindDatasetAsync(id, cancellation).ConfigureAwait(false) : null;
        if (dataset is null && id.Length > 0)
        {
            faults.Add(field, $"there is no dataset '{id}'");
        }
        else if (dataset is not null && dataset.Summary.Kind is not (SampleKind.Image or SampleKind.Tabular))
        {
            faults.Add(field, "must hold pictures or tables");
        }

        return dataset;
    }

    private static MacroPlan? LayOut(
        MacroSpec spec, IReadOnlyList<NamedModel> models, int networks, int? classes, CatalogDataset? test, CatalogDataset? train, ILabCatalog catalog, SpecFaults faults)
    {
        var mostPasses = catalog.MaxForwardPasses;
        CheckInputs(models, test, faults);
        if (test is not null && train is not null && !test.Summary.SampleShape.SequenceEqual(train.Summary.SampleShape))
        {
            faults.Add("fit.train.dataset", $"its samples have shape {Shapes.Show(train.Summary.SampleShape)}, those of dataset {Shapes.Show(test.Summary.SampleShape)}");
        }

        var notes = new List<string>(NetworkGames.NotesOf(models));
        var tested = Samples(new SplitSpec { Dataset = spec.Dataset, Samples = spec.Samples }, test, "dataset", "samples", classes, notes, faults);
        var trained = spec.Fit is null ? [] : Samples(spec.Fit.Train, train, "fit.train.dataset", "fit.train.samples", classes, notes, faults);
        if (test is not null && spec.Structure is not null)
        {
            CheckStructure(spec.Structure, test.Summary, faults);
        }

        var baseline = test is null || !faults.IsClean("baseline") ? null : spec.Baseline.Resolve(test.Summary, faults);
        if (tested is null || trained is null || test is null || baseline is null || !faults.IsClean("device") || models.Any(model => model.Model is null || !faults.IsClean(model.Field)) || !faults.AreClean("models", "structure", "fit", "robustness", "samples"))
        {
            return null;
        }

        CheckAttack(spec, models, test, faults);
        var filled = spec with { Baseline = baseline };
        var work = new MacroWork(filled, networks, [.. models.Select(model => model.Model!)], test, tested, train, trained) { Notes = [.. Shared(test, tested, train, trained), .. notes] };
        if (work.Passes > mostPasses)
        {
            faults.Add("samples", FormattableString.Invariant($"the tests count as {work.Passes} forward passes; one job may ask for {mostPasses}"));
        }

        return new MacroPlan(work, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(filled, LabJson.Options),
            Estimate = new ExperimentEstimate(work.Passes, work.Cells.Count * CellBytes, Note: work.Notes.Count == 0 ? null : string.Join(' ', work.Notes)),
        };
    }

    /// <summary>Samples that are both for training and for testing: the gap between the losses says nothing of them.</summary>
    private static IEnumerable<string> Shared(CatalogDataset test, int[] tested, CatalogDataset? train, int[] trained)
    {
        var shared = train?.Id == test.Id ? tested.Intersect(trained).Count() : 0;
        return shared == 0 ? [] : [$"{shared} of the {tested.Length} test samples are training samples too."];
    }

    private static void CheckInputs(IReadOnlyList<NamedModel> models, CatalogDataset? test, SpecFaults faults)
    {
        foreach (var model in models.Where(model => model.Input is not null && faults.IsClean(model.Field) && test is not null))
        {
            ModelFit.CheckInput(test!.Summary, model.Input!, model.Field, faults);
        }
    }

    private static int[]? Samples(SplitSpec split, CatalogDataset? dataset, string datasetField, string field, int? classes, List<string> notes, SpecFaults faults)
    {
        if (dataset is null || !faults.AreClean(datasetField, field))
        {
            return null;
        }

        using var opened = DatasetReader.Open(dataset.Folder);
        if (opened.Labels is not { } labels)
        {
            faults.Add(datasetField, "has no labels");
            return null;
        }

        var count = dataset.Summary.Count;
        var indices = split.Samples is null
            ? [.. Enumerable.Range(0, count)]
            : SamplePlan.Create(split.Samples, count, dataset.Summary.Classes, labels, faults, field)?.Indices;
        foreach (var index in (indices ?? []).Where(index => index < count && (labels[index] < 0 || labels[index] >= classes)).Take(3))
        {
            faults.Add(field, FormattableString.Invariant($"sample {index} has label {labels[index]}, outside 0..{classes - 1}, the classes of the models"));
        }

        notes.AddRange(ClassFit.Check(labels, dataset.Summary.Classes, classes, isAsked: true, datasetField, faults).Except(notes));
        return faults.AreClean(field, datasetField) ? indices?.ToArray() : null;
    }

    private static void CheckStructure(StructureSpec structure, DatasetSummary test, SpecFaults faults)
    {
        if (test.Kind != SampleKind.Image)
        {
            faults.Add("structure", "masks patches of pictures; the dataset holds none");
            return;
        }

        if (structure.Rows > test.SampleShape[1])
        {
            faults.Add("structure.rows", $"{structure.Rows} rows of a picture {test.SampleShape[1]} pixels high");
        }

        if (structure.Columns > test.SampleShape[2])
        {
            faults.Add("structure.columns", $"{structure.Columns} columns of a picture {test.SampleShape[2]} pixels wide");
        }
    }

    private static void CheckAttack(MacroSpec spec, IReadOnlyList<NamedModel> models, CatalogDataset? test, SpecFaults faults)
    {
        foreach (var model in models.Where(_ => spec.Robustness is not null && faults.IsClean("device")))
        {
            if (TorchFit.WhyNot(model.Model!, ModelReadings.Ask(spec, test?.Summary)) is { } reason)
            {
                faults.Add(model.Field, $"cannot be attacked: {reason}");
            }
        }
    }
}
