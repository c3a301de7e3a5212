using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Benchmarks;

/// <summary>
/// ONNX Runtime on a file as it is, over inputs that were masked beforehand, with the lab's own session options: each run
/// reads its part of the inputs in place and writes its logits into theirs. Nothing else is in the loop. Threads are those of
/// a run, or there are as many loops side by side whose runs have one.
/// </summary>
internal sealed class RawLoop : IDisposable
{
    private readonly LaneThreads loops;
    private readonly InferenceSession session;
    private readonly float[] inputs;
    private readonly float[] logits;
    private readonly MaskedGame game;
    private readonly Dictionary<int, List<(OrtIoBinding Binding, OrtValue Input, OrtValue Output)>> bindings = [];

    public RawLoop(MaskedGame game, int? threads, bool sideBySide = false)
    {
        this.game = game;
        loops = new LaneThreads(sideBySide ? threads ?? ProcessorShare.Threads : 1);
        using var options = NetworkSession.Options(DeviceKind.Cpu, sideBySide ? 1 : threads);
        session = new InferenceSession(game.Onnx, options);
        inputs = game.Masked();
        Classes = (int)game.Model.Summary.Outputs[0].Shape[^1]!.Value;
        logits = new float[game.Masks.Length * Classes];
    }

    private int Classes { get; }

    /// <summary>v of each mask, after <see cref="Run"/>.</summary>
    public double[] Values() => [.. game.Masks.Select((_, row) => MaskedGame.LogOdds(logits.AsSpan(row * Classes, Classes)))];

    /// <summary>Runs all masks.</summary>
    public void Run(int batch)
    {
        if (!bindings.TryGetValue(batch, out var bound))
        {
            bindings.Add(batch, bound = [.. Enumerable.Range(0, game.Masks.Length / batch).Select(i => Bind(i * batch, batch))]);
        }

        using var options = new RunOptions();
        loops.Each(bound.Count, (run, _) => session.RunWithBinding(options, bound[run].Binding));
    }

    public void Dispose()
    {
        foreach (var (binding, input, output) in bindings.Values.SelectMany(bound => bound))
        {
            binding.Dispose();
            input.Dispose();
            output.Dispose();
        }

        loops.Dispose();
        session.Dispose();
    }

    private (OrtIoBinding Binding, OrtValue Input, OrtValue Output) Bind(int row, int rows)
    {
        var cells = game.Sample.Length;
        var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, inputs.AsMemory(row * cells, rows * cells), [rows, .. game.Shape.Select(size => (long)size)]);
        var output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, logits.AsMemory(row * Classes, rows * Classes), [rows, Classes]);
        var binding = session.CreateIoBinding();
        binding.BindInput(session.InputNames[0], input);
        binding.BindOutput(session.OutputNames[0], output);
        return (binding, input, output);
    }
}
