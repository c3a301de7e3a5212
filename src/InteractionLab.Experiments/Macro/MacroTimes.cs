using System.Diagnostics;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;

namespace InteractionLab.Experiments.Macro;

/// <summary>What the seconds of a macro job are made of.</summary>
internal static class MacroTimes
{
    private const int TimedSamples = 25;
    private const int TimedSteps = 4;

    /// <summary>The work of a job laid out.</summary>
    public static Workload Work(MacroWork work) => Work(work, model => FileOf(work, model));

    /// <summary>The work of a job whose networks are these, or others that are as fast.</summary>
    public static Workload Work(MacroWork work, Func<int, NetworkFile> networks)
    {
        var all = new Workload().AddStorage("macro", work.Cells.Count);
        for (var model = 0; model < work.Networks; model++)
        {
            var (index, network) = (model, networks(model));
            var keys = Keys(work, network);
            var cells = work.Cells.Where(cell => cell.Model == index).ToList();
            var attacked = cells.Where(cell => cell.Test == MacroTest.Robustness).Sum(cell => (double)work.SamplesOf(cell).Length);
            var rows = cells.Where(cell => cell.Test != MacroTest.Robustness).Sum(work.PassesOf) + (2 * attacked);
            all.AddClassified(work.Test, work.TestSamples, keys, () => Open(work, network), rows);
            if (attacked > 0)
            {
                var gauge = new Gauge(run => TimeAttack(run, work, network));
                all.Add(keys.OpenGradients, 1, gauge).Add(keys.Attack, attacked * work.Spec.Robustness!.Steps, gauge);
            }
        }

        return all;
    }

    /// <summary>Which measurements answer for a model.</summary>
    public static RateKeys Keys(MacroWork work, NetworkFile network) => RateKeys.Of(network, work.Test.Summary.SampleShape, work.Spec.Device);

    /// <summary>A model's file.</summary>
    public static NetworkFile FileOf(MacroWork work, int model) => NetworkFile.Of(work.Models[model], work.Ask);

    /// <summary>Opens a model as it is.</summary>
    public static Classifier Open(MacroWork work, NetworkFile network) => Classifier.Open(network.Open(), work.Test.Summary.SampleShape, work.Spec.Device);

    /// <summary>Opens a model for gradients.</summary>
    public static DifferentiableModel OpenGradients(MacroWork work, NetworkFile file) => DifferentiableModel.Open(file.Open(), work.Test.Summary.SampleShape, work.Spec.Device);

    private static void TimeAttack(GaugeRun run, MacroWork work, NetworkFile file)
    {
        var started = Stopwatch.GetTimestamp();
        using var network = OpenGradients(work, file);
        var keys = Keys(work, file);
        run.Note(keys.OpenGradients, 1, Stopwatch.GetElapsedTime(started));
        using var data = DatasetReader.Open(work.Test.Folder);
        Sample[] samples = [.. work.TestSamples.Take(TimedSamples).Select(data.Get)];
        Attack(1);
        started = Stopwatch.GetTimestamp();
        Attack(TimedSteps);
        run.Note(keys.Attack, (double)samples.Length * TimedSteps, Stopwatch.GetElapsedTime(started));

        void Attack(int steps)
        {
            var spec = work.Spec.Robustness!;
            network.Attack([.. samples.Select(sample => sample.Values)], [.. samples.Select(sample => sample.Label!.Value)], new AttackOptions(spec.Epsilon, steps, spec.StepSize, null), run.Cancellation);
        }
    }
}
