using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Training;

/// <summary>Opens networks for training, with their batch dimension freed by the rules that masking goes by.</summary>
internal static class TrainingNetwork
{
    /// <summary>A network that takes batches of any size; one that does so as it is keeps its graph, further outputs and all.</summary>
    /// <param name="model">The network.</param>
    /// <param name="sampleShape">Shape of one sample.</param>
    /// <param name="device">Where it is trained.</param>
    /// <param name="notes">Takes what was done.</param>
    /// <exception cref="ModelRejectedException">torch cannot run it, or it takes one batch size and no other.</exception>
    public static TorchNetwork Open(OnnxModel model, IReadOnlyList<int> sampleShape, DeviceKind device, List<string> notes)
    {
        // Named first: what torch cannot run, all of it.
        TorchNetwork.Check(model);
        var placement = Placement.Resolve(NetworkExecutor.Torch, device, threads: null, out _);
        var prepared = NetworkGraph.Prepare(model, sampleShape, []);
        List<string> found = [];
        var (network, plain) = BatchChoice.Open(prepared, placement, found);
        plain.Dispose();
        if (network.FixedBatch is { } size)
        {
            throw new ModelRejectedException(size == 1
                ? "the graph computes rows of a batch together, or takes one row alone; export it for inference, with an open batch dimension"
                : $"the graph is written for a batch of {size} that cannot be changed; export it with an open batch dimension");
        }

        notes.AddRange(found);
        return ReferenceEquals(network, prepared) ? TorchNetwork.Load(model, new TorchOptions(device)) : TorchNetwork.Load(network.Model, new TorchOptions(device));
    }
}
