using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;

namespace InteractionLab.Experiments.Macro;

/// <summary>A macro job laid out: a cell a model, test and block of samples.</summary>
internal sealed class MacroPlan(MacroWork work, ILabCatalog catalog) : IExperimentPlan, IWorkPlan
{
    /// <inheritdoc/>
    public required System.Text.Json.JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cells { get; } = [.. work.Cells.Select(cell => cell.Key)];

    /// <inheritdoc/>
    public string Unit => "blocks";

    /// <inheritdoc/>
    public IReadOnlyList<string> Models { get; } = [.. work.Models.Select(model => model.Id)];

    /// <inheritdoc/>
    public IReadOnlyList<string> Datasets { get; } = [.. new[] { work.Test.Id, work.Train?.Id }.OfType<string>().Distinct()];

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(this, catalog, cancellation);

    /// <inheritdoc/>
    public Workload Work() => MacroTimes.Work(work);

    /// <summary>The same with a network that is as fast as those to come.</summary>
    public Workload Work(NetworkFile network) => MacroTimes.Work(work, _ => network);

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new MacroRun(work, context, catalog.Rates), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) => Task.Run(() => Complete(cells, cancellation), cancellation);

    private ExperimentOutput Complete(ICellSource cells, CancellationToken cancellation)
    {
        var counts = new MacroCounts?[work.Cells.Count];
        for (var i = 0; i < counts.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stream = cells.Open(i);
            counts[i] = stream is null ? null : CellFile.Named(i, () => CellFile.Read<MacroCounts>(stream).Content);
        }

        var models = Enumerable.Range(0, work.Models.Count).Select(model => Model(model, counts)).ToList();
        var result = new MacroResult
        {
            Models = models,
            TestSamples = work.TestSamples.Length,
            ForwardPasses = counts.Sum(count => count?.ForwardPasses ?? 0),
            SavedPasses = counts.Sum(count => count?.SavedPasses ?? 0),
            Finished = counts.Count(count => count is not null),
            Total = counts.Length,
            Notes = [.. work.Notes, .. counts.SelectMany(count => count?.Notes ?? []).Distinct().Order(StringComparer.Ordinal), .. Undefined(counts)],
        };
        return new ExperimentOutput(result, [Summary(models), Structure(models)], []);
    }

    /// <summary>Says of which model and test some outputs are no numbers: their accuracy is what it is, but not of classes that were predicted.</summary>
    private IEnumerable<string> Undefined(MacroCounts?[] counts) =>
        from part in work.Cells.Zip(counts).Where(part => part.Second is not null).GroupBy(part => (part.First.Model, part.First.Test))
        let undefined = part.Sum(block => block.Second!.Undefined)
        where undefined > 0
        let outputs = part.Sum(block => block.Second!.Samples * block.Second.Correct.Count)
        select FormattableString.Invariant($"{work.Models[part.Key.Model].Name}, {NameOf(part.Key.Test)}: {undefined} of {outputs} outputs are no finite numbers; they count as wrong{(part.Key.Test is MacroTest.FitTrain or MacroTest.FitTest ? ", and there is no loss" : "")}.");

    private static string NameOf(MacroTest test) => test switch
    {
        MacroTest.Structure => "masked samples",
        MacroTest.FitTrain => "training samples",
        MacroTest.FitTest => "test samples",
        _ => "attack",
    };

    private MacroModel Model(int model, MacroCounts?[] counts)
    {
        var train = Sum(model, MacroTest.FitTrain, counts);
        var test = Sum(model, MacroTest.FitTest, counts);
        return new MacroModel(
            work.Models[model].Id,
            work.Models[model].Name,
            Sum(model, MacroTest.Structure, counts) is { } structure ? Structure(structure) : null,
            train is null || test is null ? null : Fit(train, test),
            Sum(model, MacroTest.Robustness, counts) is { } attacked
                ? new RobustnessResult((double)attacked.Correct[0] / attacked.Samples, (double)attacked.Correct[1] / attacked.Samples, attacked.Samples)
                : null);
    }

    /// <summary>The blocks of a test added up; null unless all are finished.</summary>
    private MacroCounts? Sum(int model, MacroTest test, MacroCounts?[] counts)
    {
        var parts = Enumerable.Range(0, counts.Length).Where(i => work.Cells[i].Model == model && work.Cells[i].Test == test).Select(i => counts[i]).ToList();
        return parts.Count == 0 || parts.Contains(null)
            ? null
            : new MacroCounts(parts.Sum(part => part!.Samples), [.. Enumerable.Range(0, parts[0]!.Correct.Count).Select(k => parts.Sum(part => part!.Correct[k]))], parts.Sum(part => part!.Loss), 0, []);
    }

    private StructureResult Structure(MacroCounts counts)
    {
        var ratios = work.Spec.Structure!.Ratios;
        var points = ratios.Select((ratio, k) => new StructurePoint(
            ratio, StructureSpec.Masked(ratio, work.Spec.Structure.Rows, work.Spec.Structure.Columns), (double)counts.Correct[k] / counts.Samples, (double)counts.Correct[ratios.Count + k] / counts.Samples)).ToList();
        var area = 0.0;
        for (var k = 1; k < points.Count; k++)
        {
            var mean = (points[k].Surrounding - points[k].Random + points[k - 1].Surrounding - points[k - 1].Random) / 2;
            area += mean * (points[k].Ratio - points[k - 1].Ratio);
        }

        // Without the rounding of the sum: areas of equal curves are equal, and that of no difference is 0.
        return new StructureResult(points, Math.Round(area / (ratios[^1] - ratios[0]), 12));
    }

    private static FitResult Fit(MacroCounts train, MacroCounts test)
    {
        var (trainLoss, testLoss) = (train.Loss / train.Samples, test.Loss / test.Samples);
        return new FitResult(trainLoss, testLoss, testLoss - trainLoss, (double)train.Correct[0] / train.Samples, (double)test.Correct[0] / test.Samples);
    }

    private static ResultTable Summary(List<MacroModel> models) => new(
        "macro",
        ["model", "name", "area", "trainLoss", "testLoss", "gap", "trainAccuracy", "testAccuracy", "cleanAccuracy", "attackedAccuracy"],
        [.. models.Select(m => (IReadOnlyList<object?>)[m.Model, m.Name, m.Structure?.Area, m.Fit?.TrainLoss, m.Fit?.TestLoss, m.Fit?.Gap, m.Fit?.TrainAccuracy, m.Fit?.TestAccuracy, m.Robustness?.CleanAccuracy, m.Robustness?.AttackedAccuracy])]);

    private static ResultTable Structure(List<MacroModel> models) => new(
        "structure",
        ["model", "name", "ratio", "masked", "random", "surrounding"],
        [.. models.SelectMany(m => (m.Structure?.Points ?? []).Select(p => (IReadOnlyList<object?>)[m.Model, m.Name, p.Ratio, p.Masked, p.Random, p.Surrounding]))]);
}
