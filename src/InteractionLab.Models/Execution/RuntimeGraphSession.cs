using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Execution;

/// <summary>A graph on ONNX Runtime. Owns the session.</summary>
internal sealed class RuntimeGraphSession(InferenceSession session) : IGraphSession
{
    /// <inheritdoc/>
    public (float[] Values, long[] Shape)[] RunAll(float[] input, long[] shape)
    {
        using var options = new RunOptions();
        using var fed = OrtValue.CreateTensorValueFromMemory(input, shape);
        try
        {
            using var outputs = session.Run(options, session.InputNames, [fed], session.OutputNames);
            return [.. outputs.Select(output => (output.GetTensorDataAsSpan<float>().ToArray(), output.GetTensorTypeAndShape().Shape))];
        }
        catch (OnnxRuntimeException fault)
        {
            throw new ModelRejectedException($"The network failed to run: {RuntimeMessages.Clean(fault.Message)}.", fault);
        }
    }

    public void Dispose() => session.Dispose();
}
