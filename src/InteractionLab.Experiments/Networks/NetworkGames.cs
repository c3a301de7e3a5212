using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;
using InteractionLab.Models.Torch;

namespace InteractionLab.Experiments.Networks;

/// <summary>A model that a spec names: where it does, what was found, and how it is read where it can be.</summary>
internal sealed record NamedModel(string Field, CatalogModel? Model, OutputReading? Reading)
{
    /// <summary>The input that samples go into, as they go in; null where that is not known.</summary>
    public TensorSummary? Input { get; init; }

    /// <summary>Classes of its logits, where they are known.</summary>
    public int? Classes => Reading?.Classes;
}

/// <summary>
/// The games of a job, the same for every network that plays them: which samples, and the players of each. Both are fixed
/// by the spec, the dataset and, where samples must be classified correctly, the first model named.
/// </summary>
/// <param name="Spec">The spec, its value with the default target filled in.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Samples">A place for each sample.</param>
/// <param name="Players">The players of every sample.</param>
/// <param name="First">The first model named, whose attribution can choose players; null where a spec names none.</param>
internal sealed record NetworkGames(NetworkGamesSpec Spec, CatalogDataset Dataset, SamplePlan Samples, PlayerPlan Players, CatalogModel? First)
{
    /// <summary>How the networks are read.</summary>
    public OutputAsk Ask { get; init; } = ModelReadings.Ask(Spec, Dataset.Summary);

    /// <summary>What the reader of the result should know of the networks' outputs and of the dataset's classes.</summary>
    public IReadOnlyList<string> OutputNotes { get; init; } = [];

    /// <summary>The notes that stand at the head of a result.</summary>
    public IEnumerable<string> Notes => Players.Note is { } note ? OutputNotes.Append(note) : OutputNotes;

    /// <summary>The same for the estimate, or null.</summary>
    public string? Warning => OutputNotes.Count == 0 ? null : string.Join(' ', OutputNotes);

    /// <summary>The dataset that a <c>dataset-mean</c> baseline is the mean of: the games' own unless said otherwise.</summary>
    public CatalogDataset BaselineDataset { get; init; } = Dataset;

    /// <summary>The cut tensor as the first model has it; null where the input is masked.</summary>
    public MaskedSpace? Cut { get; init; }

    /// <summary>
    /// Rows through the heads of networks that are cut: a sample and, of a token as baseline, its text of that token; and for
    /// a mean at the cut the whole of its dataset, once a network. A spec whose baseline is wrong is counted too: what else is
    /// wrong with it is said with it.
    /// </summary>
    /// <param name="networks">How many networks play.</param>
    public long HeadPasses(long networks) => networks * ((Samples.Keys.Count * HeadsOfSample) + MeanPasses);

    /// <summary>Rows through a network's head that a sample takes.</summary>
    public long HeadsOfSample => Cut is null ? 0 : Spec.Baseline?.Type == BaselineKind.Token ? 2 : 1;

    /// <summary>Whether other games of the job have taken the mean at the cut already.</summary>
    public bool MeanIsKept { get; init; }

    /// <summary>Rows through a network's head that the mean at the cut takes.</summary>
    public long MeanPasses => !MeanIsKept && Cut is not null && Spec.Baseline?.Type == BaselineKind.DatasetMean ? BaselineDataset.Summary.Count : 0;

    /// <summary>n.</summary>
    public int PlayerCount => Players.Count;

    /// <summary>Forward passes that choosing the players takes.</summary>
    public long AttributionPasses => Players.ByAttribution ? (long)Samples.Keys.Count * AttributionPlayers.PassesOfSample : 0;

    /// <summary>Masks of all samples together: rows that one network runs.</summary>
    public long Rows => (long)Samples.Keys.Count << Players.Count;

    /// <summary>
    /// Resolves the models named and checks that each can be masked. What is wrong is recorded at the field that names it;
    /// the first model is the one whose games are looked at, so the others must have its classes.
    /// </summary>
    public static async Task<IReadOnlyList<NamedModel>> FindModelsAsync(IReadOnlyList<(string Field, string Id)> models, OutputAsk ask, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var found = new List<NamedModel>();
        foreach (var (field, id) in models)
        {
            if (!faults.IsClean(field))
            {
                found.Add(new NamedModel(field, null, null));
                continue;
            }

            var model = await catalog.FindModelAsync(id, cancellation).ConfigureAwait(false);
            if (model is null)
            {
                faults.Add(field, $"there is no model '{id}'");
            }

            var reading = model is null
                ? null
                : await Task.Run(() => ModelReadings.Check(model, ask, field, models.Count == 1, faults), cancellation).ConfigureAwait(false);
            if (found.Count > 0 && reading?.Classes is { } classes && found[0].Classes is { } expected && classes != expected)
            {
                faults.Add(field, $"has {classes} classes; the model at '{found[0].Field}' has {expected}");
            }

            found.Add(new NamedModel(field, model, reading) { Input = model is null ? null : ModelReadings.InputOf(model, ask) });
        }

        return found;
    }

    /// <summary>
    /// Lays out the games; null where faults prevent it. A model that is missing or at fault does not: what the dataset
    /// alone can show is still looked for, so the caller asks afterwards whether its models' fields are clean.
    /// <paramref name="chooser"/> is the model whose attribution can choose players: the first unless said otherwise.
    /// </summary>
    public static async Task<NetworkGames?> LayOutAsync(
        NetworkGamesSpec spec, IReadOnlyList<NamedModel> models, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation, NamedModel? chooser = null)
    {
        var dataset = faults.IsClean("dataset") ? await catalog.FindDatasetAsync(spec.Dataset, cancellation).ConfigureAwait(false) : null;
        if (dataset is null && faults.IsClean("dataset"))
        {
            faults.Add("dataset", $"there is no dataset '{spec.Dataset}'");
        }

        CheckDevice(spec.Device, spec.Executor, faults);

        var classes = models.Count == 0 ? null : models[0].Classes;
        if (dataset is not null)
        {
            CheckDataset(dataset.Summary, models, faults);
        }

        if (dataset?.Summary.Kind is not (SampleKind.Image or SampleKind.Tabular or SampleKind.Text))
        {
            ModelFit.CheckClass(spec.Value?.Target, classes, faults);
            return null;
        }

        return await Task.Run(
            () =>
            {
                var chooses = chooser ?? (models.Count == 0 ? null : models[0]);
                TorchFit.Check(spec, ModelReadings.Ask(spec, dataset.Summary), models, chooses, faults);
                return LayOut(spec, dataset, models, faults) is { } games ? games with { First = chooses?.Model } : null;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>What runs networks must find a CUDA device where one is asked for.</summary>
    public static void CheckDevice(DeviceKind device, ExecutorKind executor, SpecFaults faults)
    {
        if (device == DeviceKind.Cuda && faults.AreClean("device", "executor") && !HasCuda(executor))
        {
            faults.Add("device", "there is no CUDA device here; use auto or cpu");
        }
    }

    private static bool HasCuda(ExecutorKind executor) =>
        (executor == ExecutorKind.Torch ? TorchInfo.Read(out _)?.Devices ?? [] : OnnxRuntimeInfo.Read().Devices).Any(device => device.Kind == DeviceKind.Cuda);

    private static void CheckDataset(DatasetSummary dataset, IReadOnlyList<NamedModel> models, SpecFaults faults)
    {
        var first = models.Count == 0 || !faults.IsClean(models[0].Field) ? null : models[0].Input;
        ModelFit.CheckDataset(dataset, first, faults);
        if (!faults.IsClean("dataset"))
        {
            return;
        }

        foreach (var other in models.Skip(1).Where(other => other.Input is not null && faults.IsClean(other.Field)))
        {
            ModelFit.CheckInput(dataset, other.Input!, other.Field, faults);
        }
    }

    private static NetworkGames? LayOut(NetworkGamesSpec spec, CatalogDataset dataset, IReadOnlyList<NamedModel> models, SpecFaults faults)
    {
        var classes = models.Count == 0 ? null : models[0].Classes;
        using var opened = DatasetReader.Open(dataset.Folder);
        var labels = opened.Labels;

        // Against a dataset that does not fit the model, only what is asked of the dataset alone can be judged.
        var fits = faults.IsClean("dataset");
        var cut = fits && spec.Cut is { } name && faults.IsClean("cut") ? CutFit.Check(name, models, ModelReadings.Ask(spec, dataset.Summary), dataset.Summary.SampleShape, faults) : null;
        if (cut is null && faults.IsClean("cut"))
        {
            // The cut names the input, which is masked without one.
            spec = spec with { Cut = null };
        }

        fits = fits && faults.IsClean("cut");
        var baseline = !fits ? null : cut is null ? spec.Baseline?.Resolve(dataset.Summary, faults) : spec.Baseline?.ResolveAtCut(dataset.Summary, cut, faults);
        var players = fits && spec.Players is not null ? PlayersOf(spec, opened, cut, faults) : null;
        var samples = spec.Samples is not null && faults.IsClean("samples")
            ? SamplePlan.Create(spec.Samples, dataset.Summary.Count, dataset.Summary.Classes, labels, faults, unfit: players?.Unfit is { } unfit ? index => unfit(opened.Get(index)) : null)
            : null;
        var value = ModelFit.CheckTarget(spec.Value, labels, samples, classes, faults);
        CheckUnits(value, models, faults);
        var asksLabels = value?.Target?.Word == ValueSpec.Label || samples?.Pools.Count > 0;
        var fit = ClassFit.Check(labels, dataset.Summary.Classes, classes, asksLabels, "dataset", faults);
        return players is null || samples is null || value is null
            ? null
            : new NetworkGames(spec with { Value = value, Baseline = baseline }, dataset, samples, players, null) { Cut = cut, OutputNotes = [.. NotesOf(models), .. fit] };
    }

    /// <summary>What is to be said of how the models are read; of several models, whose it is unless it is true of all.</summary>
    public static IReadOnlyList<string> NotesOf(IReadOnlyList<NamedModel> models)
    {
        var read = models.Where(named => named is { Model: not null, Reading: not null }).DistinctBy(named => named.Model!.Id).ToArray();
        var all = read.SelectMany(named => named.Reading!.Notes.Select(note => (Note: note, named.Model!.Name))).GroupBy(part => part.Note).ToArray();
        return [.. all.SelectMany(group => group.Count() == read.Length ? [group.Key] : group.Select(part => $"{part.Name}: {part.Note}"))];
    }

    /// <summary>The logit of one of two classes that share one output unit is their log-odds, which the logit of a class among several is not.</summary>
    private static void CheckUnits(ValueSpec? value, IReadOnlyList<NamedModel> models, SpecFaults faults)
    {
        var read = models.Where(named => named.Reading is not null).ToArray();
        if (value?.Type == ValueKind.Logit && read.Length > 0 && read.FirstOrDefault(named => named.Reading!.IsOneUnit != read[0].Reading!.IsOneUnit) is { } other)
        {
            faults.Add("value.type", $"the models at '{read[0].Field}' and '{other.Field}' have one output unit and one for each class, whose logits do not compare; use log-odds");
        }
    }

    private static PlayerPlan? PlayersOf(NetworkGamesSpec spec, IDataset dataset, MaskedSpace? cut, SpecFaults faults) => dataset.Summary.Kind == SampleKind.Text
        ? PlayerPlan.OfTexts(spec.Players!, spec.Samples, dataset, spec.Outside == OutsideKind.Keep, faults, spec.MostPlayers, cut)
        : PlayerPlan.Create(spec.Players!, cut ?? new MaskedSpace(dataset.Summary.SampleShape), spec.Outside == OutsideKind.Keep, faults, spec.MostPlayers);
}
