using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Tests.Torch;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>A batch that is declared along another dimension than the first is turned to come first, or refused; never rows mixed unsaid.</summary>
public sealed class BatchFirstTests
{
    private const int Steps = 4;
    private static readonly float[] Out = [1, -2, 0.5f, 3, 2, -1];
    private static readonly float[] Sample = [1, -2, 3, 0.5f, 2, 1, -1, 4];

    public static TheoryData<string, string, bool, NetworkExecutor> Turned => new()
    {
        { "N", "N", false, NetworkExecutor.OnnxRuntime },
        { "N", "N", false, NetworkExecutor.Torch },
        { "", "", false, NetworkExecutor.OnnxRuntime },
        { "N", "N", true, NetworkExecutor.OnnxRuntime },
        { "N", "N", true, NetworkExecutor.Torch },
    };

    [Theory]
    [MemberData(nameof(Turned))]
    public void Sequences_first_are_turned_by_their_declaration(string name, string outputName, bool classesFirst, NetworkExecutor executor)
    {
        if (executor == NetworkExecutor.Torch)
        {
            TorchLibrary.Require();
        }

        var model = OnnxModel.Load(Sequence(null, name, outputName, classesFirst));
        Assert.Equal([null, Steps, 2], model.Summary.Inputs[0].Shape);
        Assert.Equal([null, 3], model.Summary.Outputs[0].Shape);
        using var masked = MaskedModel.Build(model, [Steps, 2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Executor: executor, Batch: 8));
        Assert.Equal(8, masked.BatchSize);
        Assert.Contains(masked.Notes, note => note.Contains("dimension 2 of its input 'x'", StringComparison.Ordinal) && note.Contains("turned to come first", StringComparison.Ordinal));
        var values = new double[16];
        masked.Evaluate(Sample, new float[8], new PlayerLayout(4, [0, 0, 1, 1, 2, 2, 3, 3]), 1, [.. Enumerable.Range(0, 16).Select(mask => (uint)mask)], values);
        for (var mask = 0; mask < 16; mask++)
        {
            var present = mask;
            double Mean(int feature) => Enumerable.Range(0, Steps).Sum(step => (present >> step & 1) == 1 ? Math.Tanh(Sample[(step * 2) + feature]) : 0) / Steps;
            Assert.Equal((Mean(0) * Out[1]) + (Mean(1) * Out[4]), values[mask], 1e-6);
        }
    }

    [Fact]
    public void Sequences_first_with_a_fixed_batch_cannot_be_told_and_are_refused()
    {
        // [4, 4, 2] with either of the fours the batch: taken for the first, the rows mix.
        var fault = Assert.Throws<ModelRejectedException>(() => MaskedModel.Build(OnnxModel.Load(Sequence(4, "", "", classesFirst: false)), [Steps, 2], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu)));
        Assert.Contains("may not be the batch", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_comes_first_is_left_where_it_is()
    {
        var graph = new GraphBuilder();
        graph.Input("x", DataType.Float, [null, 4], "N");
        graph.Output("z", DataType.Float, [null, 4], "N");
        graph.Node("Neg", ["x"], "z");
        var bytes = graph.ToBytes();
        var model = OnnxModel.Load(bytes);
        Assert.Empty(model.Notes);
        Assert.Single(model.Nodes);
    }

    /// <summary>The mean over steps of tanh x, times a matrix; x is [steps, batch, 2].</summary>
    private static byte[] Sequence(long? batch, string name, string outputName, bool classesFirst)
    {
        var graph = new GraphBuilder();
        graph.Input("x", DataType.Float, [Steps, batch, 2], name);
        graph.Output("z", DataType.Float, classesFirst ? [3, batch] : [batch, 3], outputName);
        graph.Initializer("out", Out, 2, 3);
        graph.Node("Tanh", ["x"], "h");
        graph.Node("ReduceMean", ["h"], "mean", ("axes", new long[] { 0 }), ("keepdims", 0));
        graph.Node("MatMul", ["mean", "out"], classesFirst ? "rows" : "z");
        if (classesFirst)
        {
            graph.Node("Transpose", ["rows"], "z", ("perm", new long[] { 1, 0 }));
        }

        return graph.ToBytes();
    }
}
