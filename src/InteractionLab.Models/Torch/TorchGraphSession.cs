using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch;

/// <summary>A graph on torch, run without gradients. Owns the network.</summary>
internal sealed class TorchGraphSession(ModelProto graph, DeviceKind device) : IGraphSession
{
    private readonly string[] names = [.. graph.Graph.Output.Select(output => output.Name)];
    private readonly TorchNetwork network = TorchNetwork.Load(graph, new TorchOptions(device));

    /// <inheritdoc/>
    public (float[] Values, long[] Shape)[] RunAll(float[] input, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var fed = new Dictionary<string, Tensor> { [network.Inputs.Single()] = tensor(input, shape, device: network.Device) };
        var outputs = network.Forward(fed, ForwardMode.Inference, names);
        return [.. names.Select(name => (outputs[name].Elements<float>(), outputs[name].shape))];
    }

    public void Dispose() => network.Dispose();
}
