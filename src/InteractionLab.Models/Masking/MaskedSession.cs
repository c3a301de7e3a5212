using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Masking;

/// <summary>A session of ONNX Runtime on a masked graph with its buffers. Owns the session.</summary>
internal sealed class MaskedSession(MaskedGraph graph, InferenceSession session, int rows, bool rowsAreFixed) : IMaskedSession
{
    private double[] results = [];
    private bool[] bits = [];

    /// <inheritdoc/>
    public int Rows { get; set; } = rows;

    /// <inheritdoc/>
    public void Evaluate(MaskedInputs inputs, MaskWords masks, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var columns = inputs.Players + 2;
        var rows = Rows;
        if (bits.Length != rows * columns || results.Length != rows)
        {
            bits = new bool[rows * columns];
            results = new double[rows];
        }

        // A network that takes any batch runs what is left over as it is; a fixed one repeats the last mask.
        var full = Math.Min(rows, Math.Max(masks.Count, 1));
        using var options = new RunOptions();
        using var stop = cancellation.Register(() => options.Terminate = true);
        using var whole = new Binding(this, inputs, rowsAreFixed ? rows : full);
        using var rest = rowsAreFixed || masks.Count % full == 0 ? null : new Binding(this, inputs, masks.Count % full);
        try
        {
            for (var done = 0; done < masks.Count;)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(full, masks.Count - done);
                MaskBits.Write(bits, masks, done, count, inputs.Players);
                session.RunWithBinding(options, (count == full ? whole : rest ?? whole).Io);
                results.AsSpan(0, count).CopyTo(values[done..]);
                done += count;
                progress?.Report((double)done / masks.Count);
            }
        }
        catch (OnnxRuntimeException fault)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new ModelRejectedException($"The network failed to run: {RuntimeMessages.Clean(fault.Message)}.", fault);
        }
    }

    public void Dispose() => session.Dispose();

    /// <summary>The buffers bound for runs of one size.</summary>
    private sealed class Binding : IDisposable
    {
        private readonly List<OrtValue> owned = [];

        public Binding(MaskedSession owner, MaskedInputs inputs, int count)
        {
            var graph = owner.Graph;
            Io = owner.Session.CreateIoBinding();
            long[] one = [1, .. inputs.SampleShape];
            var columns = inputs.Players + 2;
            Io.BindInput(graph.Mask, Own(OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, owner.bits.AsMemory(0, count * columns), [count, columns])));
            Io.BindInput(graph.Layout, Own(OrtValue.CreateTensorValueFromMemory(inputs.Layout.Columns, inputs.Layout.Shape)));
            Io.BindInput(graph.Feature, Own(OrtValue.CreateTensorValueFromMemory(inputs.Feature, one)));
            Io.BindInput(graph.Baseline, Own(OrtValue.CreateTensorValueFromMemory(inputs.Baseline, one)));
            Io.BindInput(graph.Target, Own(OrtValue.CreateTensorValueFromMemory<long>([inputs.Target], [1])));
            foreach (var (bypass, values) in graph.Bypasses.Zip(inputs.Bypasses))
            {
                Io.BindInput(bypass.Name, Own(OrtValue.CreateTensorValueFromMemory(values, bypass.Shape)));
            }

            Io.BindOutput(graph.Value, Own(OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, owner.results.AsMemory(0, count), [count])));
        }

        public OrtIoBinding Io { get; }

        public void Dispose()
        {
            Io.Dispose();
            foreach (var value in owned)
            {
                value.Dispose();
            }
        }

        private OrtValue Own(OrtValue value)
        {
            owned.Add(value);
            return value;
        }
    }

    private MaskedGraph Graph => graph;

    private InferenceSession Session => session;
}
