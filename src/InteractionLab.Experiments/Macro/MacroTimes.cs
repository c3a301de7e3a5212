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
    public static Workload Work(MacroWork work)
    {
        var all = new Workload().AddStorage("macro", work.Cells.Count);
        for (var model = 0; model < work.Models.Count; model++)
        {
            var (index, keys) = (model, Keys(work, model));
            var cells = work.Cells.Where(cell => cell.Model == index).ToList();
            var attacked = cells.Where(cell => cell.Test == MacroTest.Robustness).Sum(cell => (double)work.SamplesOf(cell).Length);
            var rows = cells.Where(cell => cell.Test != MacroTest.Robustness).Sum(work.PassesOf) + (2 * attacked);
            all.AddClassified(work.Test, work.TestSamples, keys, () => Open(work, index), rows);
            if (attacked > 0)
            {
                var gauge = new Gauge(run => TimeAttack(run, work, index));
                all.Add(keys.OpenGradients, 1, gauge).Add(keys.Attack, attacked * work.Spec.Robustness!.Steps, gauge);
            }
        }

        return all;
    }

    /// <summary>Which measurements answer for a model.</summary>
    public static RateKeys Keys(MacroWork work, int model) => RateKeys.Of(NetworkFile.Of(work.Models[model]), work.Test.Summary.SampleShape, work.Spec.Device);

    /// <summary>Opens a model as it is.</summary>
    public static Classifier Open(MacroWork work, int model) => Classifier.Open(Load(work, model), work.Test.Summary.SampleShape, work.Spec.Device);

    /// <summary>Opens a model for gradients.</summary>
    public static DifferentiableModel OpenGradients(MacroWork work, int model) => DifferentiableModel.Open(Load(work, model), work.Test.Summary.SampleShape, work.Spec.Device);

    private static OnnxModel Load(MacroWork work, int model) => OnnxModel.Load(File.ReadAllBytes(work.Models[model].Path));

    private static void TimeAttack(GaugeRun run, MacroWork work, int model)
    {
        var started = Stopwatch.GetTimestamp();
        using var network = OpenGradients(work, model);
        var keys = Keys(work, model);
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
