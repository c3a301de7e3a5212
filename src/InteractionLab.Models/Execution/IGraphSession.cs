using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Execution;

/// <summary>A graph with one float32 input and float32 outputs, opened on an executor.</summary>
internal interface IGraphSession : IDisposable
{
    /// <summary>Runs the graph.</summary>
    /// <exception cref="Onnx.ModelRejectedException">The run failed.</exception>
    (float[] Values, long[] Shape) Run(float[] input, long[] shape) => RunAll(input, shape)[0];

    /// <summary>Runs a graph that has several float32 outputs; gives them in the graph's order.</summary>
    /// <exception cref="Onnx.ModelRejectedException">The run failed.</exception>
    (float[] Values, long[] Shape)[] RunAll(float[] input, long[] shape);

    /// <summary>Opens a graph, which is the session's from here on.</summary>
    /// <exception cref="Onnx.ModelRejectedException">The executor cannot run it.</exception>
    static IGraphSession Open(ModelProto graph, Placement placement) => placement.Executor == NetworkExecutor.Torch
        ? new TorchGraphSession(graph, placement.Device)
        : new RuntimeGraphSession(NetworkSession.Open(graph, placement.Device, placement.Threads));
}
