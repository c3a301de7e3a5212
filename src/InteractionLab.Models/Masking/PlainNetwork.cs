using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Masking;

/// <summary>A session on an unmasked graph: rows of samples in, rows of logits out.</summary>
internal sealed class PlainNetwork : IDisposable
{
    private readonly IGraphSession session;
    private readonly NetworkGraph network;
    private readonly int cells;
    private int rowsOfRun;

    private PlainNetwork(NetworkGraph network, IGraphSession session)
    {
        this.network = network;
        this.session = session;
        cells = network.Cells;
        rowsOfRun = network.FixedBatch ?? 1;
    }

    /// <summary>Says with how many rows the graph runs where its declaration does not.</summary>
    public void Fix(int rows) => rowsOfRun = rows;

    /// <summary>Whether the network reads token ids.</summary>
    public bool TakesTokens => network.TakesTokens;

    public static PlainNetwork Open(NetworkGraph network, Placement placement)
    {
        // The graph is fed and read as float32 whatever it computes in.
        var graph = network.Model.Clone();
        network.FeedAsFloat(graph);
        if (network.OutputType != DataType.Float)
        {
            graph.Graph.Output[0].Name = network.Output + "_float32";
            graph.Graph.Output[0].Type.TensorType.ElemType = (int)DataType.Float;
            new GraphBuilder(graph.Graph).Node("Cast", [network.Output], network.Output + "_float32", ("to", (int)DataType.Float));
        }

        return new PlainNetwork(network, IGraphSession.Open(graph, placement));
    }

    /// <summary>Logits of one sample; a graph of fixed batch size is fed copies of it.</summary>
    /// <exception cref="ModelRejectedException">The run failed, or the output is not [rows, classes].</exception>
    public float[] Row(ReadOnlySpan<float> sample)
    {
        var rows = rowsOfRun;
        var batch = new float[checked(rows * cells)];
        for (var row = 0; row < rows; row++)
        {
            sample.CopyTo(batch.AsSpan(row * cells));
        }

        var logits = Rows(batch, rows);
        return logits[..(logits.Length / rows)];
    }

    /// <summary>Logits [rows, classes] of a batch.</summary>
    public float[] Rows(float[] batch, int rows)
    {
        var (logits, shape) = session.Run(batch, [rows, .. network.SampleShape]);
        return shape.Length == 2 && shape[0] == rows && shape[1] > 0
            ? logits
            : throw new ModelRejectedException($"Masking needs an output of logits [batch, classes]; for {rows} rows {ModelValidator.Quote(network.Output)} has shape [{string.Join(", ", shape)}].");
    }

    public void Dispose() => session.Dispose();
}
