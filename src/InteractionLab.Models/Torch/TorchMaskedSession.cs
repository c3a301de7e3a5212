using System.Runtime.InteropServices;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch;

/// <summary>A masked graph on torch, run without gradients. Owns the network.</summary>
internal sealed class TorchMaskedSession(MaskedGraph graph, DeviceKind device, int firstRows, bool rowsAreFixed) : IMaskedSession
{
    private readonly Lock turn = new();
    private readonly TorchNetwork network = TorchNetwork.Load(graph.Model.Clone(), new TorchOptions(device));

    /// <inheritdoc/>
    public int Rows { get; set; } = firstRows;

    /// <inheritdoc/>
    public int Lanes => 1;

    /// <inheritdoc/>
    public int RowsOf(int masks) => rowsAreFixed ? Rows : Math.Max(1, Math.Min(Rows, masks));

    /// <inheritdoc/>
    public bool TryTakeLess(int masks)
    {
        if (rowsAreFixed || RowsOf(masks) == 1)
        {
            return false;
        }

        Rows = RowsOf(masks) / 2;
        return true;
    }

    /// <inheritdoc/>
    public int Evaluate(MaskedInputs inputs, MaskWords masks, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        // One evaluation at a time: each has all threads.
        using var own = turn.EnterScope();
        var rows = Rows;
        try
        {
            Run(inputs, masks, rows, values, progress, cancellation);
            return rows;
        }
        catch (ModelRejectedException fault) when (MemoryFaults.IsMemory(fault.InnerException?.Message ?? fault.Message))
        {
            throw new DeviceMemoryException(TorchRuntime.Clean(fault.Message), fault);
        }
    }

    public void Dispose() => network.Dispose();

    private void Run(MaskedInputs inputs, MaskWords masks, int rows, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var columns = inputs.Players + 2;
        long[] one = [1, .. inputs.SampleShape];
        var fed = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            [graph.Layout] = tensor(inputs.Layout.Columns, inputs.Layout.Shape, device: network.Device),
            [graph.Feature] = tensor(inputs.Feature, one, device: network.Device),
            [graph.Baseline] = tensor(inputs.Baseline, one, device: network.Device),
            [graph.Target] = tensor([inputs.Target], [], device: network.Device),
        };

        foreach (var (bypass, own) in graph.Bypasses.Zip(inputs.Bypasses))
        {
            fed[bypass.Name] = tensor(own, bypass.Shape, device: network.Device);
        }

        // A network that takes any batch runs what is left over as it is; a fixed one repeats the last mask.
        for (var done = 0; done < masks.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var count = Math.Min(rows, masks.Count - done);
            var bits = new bool[(rowsAreFixed ? rows : count) * columns];
            MaskBits.Write(bits, masks, done, count, inputs.Players);
            fed[graph.Mask] = tensor(bits, [bits.Length / columns, columns], device: network.Device);
            var v = network.Forward(fed, ForwardMode.Inference)[graph.Value].cpu().contiguous();
            MemoryMarshal.Cast<byte, double>(v.bytes)[..count].CopyTo(values[done..]);
            done += count;
            progress?.Report((double)done / masks.Count);
        }
    }
}
