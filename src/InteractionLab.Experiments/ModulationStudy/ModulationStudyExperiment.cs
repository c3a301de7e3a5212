using System.Globalization;
using System.Text.Json;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>The kind <c>modulation-study</c>.</summary>
public sealed class ModulationStudyExperiment : Experiment<ModulationStudySpec, ModulationStudyResult>
{
    private const long CellBytes = 64 << 10;

    /// <inheritdoc/>
    public override string Kind => "modulation-study";

    /// <inheritdoc/>
    public override string Title => "Modulation study";

    /// <inheritdoc/>
    public override string Description =>
        "Trains a network as usual and pushed to low, middle and high orders, profiles and tests all of them, and sets what they can do side by side, with what the paper says (its Table II).";

    private protected override ModulationStudySpec Read(SpecObject fields) => ModulationStudySpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(ModulationStudySpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var splits = await StudySplits.FindAsync(new StudyData(spec.Data, spec.Train, spec.Test), catalog, faults, cancellation).ConfigureAwait(false);
        CheckKinds(spec, splits, faults);
        CheckSeeds(spec, faults);
        if (splits is null || !faults.AreClean("data", "train", "test") || !faults.AreClean("training", "variants", "seeds", "samples", "profile", "macro"))
        {
            return null;
        }

        var trainings = await PlanTrainingsAsync(spec, splits, catalog, faults, cancellation).ConfigureAwait(false);
        var training = trainings.OfType<IExperimentPlan>().FirstOrDefault();
        var classes = training is null ? null : await TrainingSteps.ClassesAsync(training, splits.Train.Dataset, catalog, cancellation).ConfigureAwait(false);
        var profile = await CheckProfileAsync(spec, splits, classes, catalog, faults, cancellation).ConfigureAwait(false);
        var macro = await CheckMacroAsync(spec, splits, classes, catalog, faults, cancellation).ConfigureAwait(false);
        if (profile is null || macro is null || trainings.Contains(null))
        {
            return null;
        }

        ExperimentEstimate[] parts = [.. Enumerable.Repeat(trainings.Select(plan => plan!.Estimate), spec.Seeds).SelectMany(estimates => estimates), profile.Estimate, macro.Estimate];
        return new ModulationStudyPlan(spec, splits, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(spec, LabJson.Options),
            Datasets = [.. new[] { splits.Train.Dataset.Id, splits.Test.Dataset.Id }.Distinct()],
            Models = training!.Models,
            Parts = Work,
            Estimate = new ExperimentEstimate(
                parts.Sum(part => part.ForwardPasses),
                parts.Sum(part => part.Bytes) + (parts.Length * CellBytes),
                Note: splits.Shortages(spec.Samples, ofBoth: false).FirstOrDefault()),
        };

        // All variants are networks of one structure, trained one after the other.
        Workload Work()
        {
            var network = ((TrainingPlan)training).Network();
            var work = profile.Work([network]).Add(macro.Work(network));
            return trainings.Aggregate(work, (sum, plan) => sum.Add(((IWorkPlan)plan!).Work(), spec.Seeds));
        }
    }

    /// <summary>Pictures and tables alone have players of their own in training, and tests.</summary>
    private static void CheckKinds(ModulationStudySpec spec, StudySplits? splits, SpecFaults faults)
    {
        if (splits is null)
        {
            return;
        }

        (string Field, StudySplit Split)[] parts = spec.Data is not null ? [("data", splits.Train)] : [("train", splits.Train), ("test", splits.Test)];
        foreach (var (field, split) in parts.Where(part => part.Split.Dataset.Summary.Kind is not (SampleKind.Image or SampleKind.Tabular)))
        {
            faults.Add($"{field}.dataset", $"holds {(split.Dataset.Summary.Kind == SampleKind.Text ? "texts" : "tables of outputs")}; a modulation study takes pictures and tables, which can be masked in training");
        }
    }

    /// <summary>A number that is none is for the trainings to name.</summary>
    private static void CheckSeeds(ModulationStudySpec spec, SpecFaults faults)
    {
        var largest = SpecLimits.LargestSeed - (spec.Seeds - 1);
        if (faults.AreClean("training", "seeds") && VariantSteps.SeedOf(spec, 0) is { } first && (first < 0 || first > largest))
        {
            faults.Add("training.seed", FormattableString.Invariant($"must be a whole number from 0 to {largest}, not {first}: with seeds {spec.Seeds} the last training has this one + {spec.Seeds - 1}"));
        }
    }

    /// <summary>Trainings of one variant differ in nothing but the seed, which is the largest at the last: one of each variant is planned.</summary>
    private static async Task<IReadOnlyList<IExperimentPlan?>> PlanTrainingsAsync(ModulationStudySpec spec, StudySplits splits, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var plans = new List<IExperimentPlan?>();
        for (var v = 0; v < spec.Variants.Count; v++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"variants[{v}].");
            plans.Add(await TrainingSteps.TryPlanAsync(
                VariantSteps.TrainingSpec(spec, splits, v, spec.Seeds - 1),
                catalog,
                faults,
                path => path.StartsWith("modulation", StringComparison.Ordinal) ? at + path : Rename(path, "training", spec),
                cancellation).ConfigureAwait(false));
        }

        return plans;
    }

    private static async Task<BottleneckPlan?> CheckProfileAsync(ModulationStudySpec spec, StudySplits splits, int? classes, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var own = new SpecFaults();
        var fields = new SpecObject(VariantSteps.ProfileSpec(spec, splits, ["network"]), string.Empty, own);
        var read = BottleneckSpec.Read(fields);
        fields.RejectUnknown();
        var plan = await BottleneckExperiment.CheckAsync(read, Networks(spec), classes, catalog, own, cancellation).ConfigureAwait(false);
        return Add(own, faults, "profile", spec) ? null : plan;
    }

    private static async Task<MacroPlan?> CheckMacroAsync(ModulationStudySpec spec, StudySplits splits, int? classes, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var own = new SpecFaults();
        var fields = new SpecObject(VariantSteps.MacroSpec(spec, splits, ["network"]), string.Empty, own);
        var read = MacroSpec.Read(fields);
        fields.RejectUnknown();
        var plan = await MacroExperiment.CheckAsync(read, Networks(spec), classes, catalog, own, cancellation).ConfigureAwait(false);
        return Add(own, faults, "macro", spec) ? null : plan;
    }

    private static int Networks(ModulationStudySpec spec) => spec.Variants.Count * spec.Seeds;

    private static bool Add(SpecFaults from, SpecFaults to, string part, ModulationStudySpec spec)
    {
        to.Add(from.All, path => Rename(path, part, spec));
        return from.All.Any();
    }

    /// <summary>The study's field for a field of a job of it.</summary>
    private static string Rename(string path, string part, ModulationStudySpec spec)
    {
        foreach (var (theirs, ours) in new[] { ("fit.train", "train"), ("train", "train"), ("test", "test"), ("dataset", "test.dataset"), ("samples", part == "profile" ? "samples" : "test.samples") })
        {
            if (path.StartsWith(theirs, StringComparison.Ordinal) && (path.Length == theirs.Length || path[theirs.Length] is '.' or '['))
            {
                var field = ours + path[theirs.Length..];
                var dot = field.IndexOf('.', StringComparison.Ordinal);
                return spec.Data is null || ours == "samples" ? field : dot < 0 ? "data" : "data" + field[dot..];
            }
        }

        return path == SpecFaults.Whole ? part : $"{part}.{path}";
    }
}
