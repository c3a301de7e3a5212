using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using InteractionLab.Testing;
using TorchSharp;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>What is trained, what a training pass changes, what is exported, what is refused.</summary>
public sealed class TorchNetworkTests
{
    private const float Momentum = 0.8f;

    [Fact]
    public void A_training_pass_normalises_by_the_batch_and_moves_the_buffers_as_PyTorch_does()
    {
        TorchLibrary.Require();
        float[] x = [1, -2, 3, 0.5f, 2, 4, -1, 1.5f];
        using var network = TorchNetwork.Load(Normalised(), new TorchOptions(Double: true));
        Assert.Equal(["scale", "shift"], network.Parameters.Keys);
        Assert.Equal(["mean", "var"], network.Buffers.Keys);
        using var input = torch.tensor(x, [4, 2]);
        using var trained = network.Logits(input, ForwardMode.Training);
        var found = trained.detach().data<double>().ToArray();
        for (var column = 0; column < 2; column++)
        {
            var values = Enumerable.Range(0, 4).Select(row => (double)x[(2 * row) + column]).ToArray();
            var mean = values.Average();
            var squares = values.Sum(value => (value - mean) * (value - mean));
            for (var row = 0; row < 4; row++)
            {
                var expected = (((values[row] - mean) / Math.Sqrt((squares / 4) + 1e-5f)) * (column + 2)) + (0.5 * column);
                Assert.Equal(expected, found[(2 * row) + column], 1e-6);
            }

            Assert.Equal((Momentum * 0.25) + ((1 - Momentum) * mean), network.Buffers["mean"].data<double>().ToArray()[column], 1e-6);
            Assert.Equal((Momentum * 2.0) + ((1 - Momentum) * squares / 3), network.Buffers["var"].data<double>().ToArray()[column], 1e-6);
        }

        // Inference reads the moved statistics and leaves them alone.
        var moved = network.Buffers["mean"].data<double>().ToArray();
        using var plain = network.Logits(input, ForwardMode.Inference);
        Assert.Equal(moved, network.Buffers["mean"].data<double>().ToArray());
    }

    [Fact]
    public void Exports_hold_the_present_values_and_are_the_same_bytes_again()
    {
        TorchLibrary.Require();
        using var network = TorchNetwork.Load(Normalised(), new TorchOptions());
        using (torch.no_grad())
        {
            network.Parameters["scale"].add_(1);
        }

        var exported = network.Export();
        Assert.Equal(exported.ToBytes(), network.Export().ToBytes());
        using var again = TorchNetwork.Load(exported, new TorchOptions());
        Assert.Equal([3f, 4f], again.Parameters["scale"].detach().data<float>().ToArray());
        using var input = torch.tensor([1f, 2, 3, 4], [2, 2]);
        using var first = network.Logits(input, ForwardMode.Inference);
        using var second = again.Logits(input, ForwardMode.Inference);
        Assert.Equal(first.detach().data<float>().ToArray(), second.detach().data<float>().ToArray());
    }

    [Fact]
    public void Vectors_that_an_exporter_joined_are_trained_apart()
    {
        TorchLibrary.Require();
        using var network = TorchNetwork.Load(OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "cifar_resnet8_e00.onnx"))), new TorchOptions());
        using var later = TorchNetwork.Load(OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "cifar_resnet8_e12.onnx"))), new TorchOptions());
        Assert.Equal(20, network.Parameters.Count);
        Assert.Equal(later.Parameters.Keys, network.Parameters.Keys);
        Assert.Equal(later.Parameters.Values.Select(weight => weight.NumberOfElements), network.Parameters.Values.Select(weight => weight.NumberOfElements));
        Assert.All(network.Parameters.Values, weight => Assert.True(weight is { requires_grad: true, is_leaf: true }));
    }

    [Theory]
    [InlineData(2, 2, 0, 1)]
    [InlineData(3, 2, 1, 1)]
    [InlineData(2, 1, 1, 2)]
    public void The_gradient_of_maximum_pooling_goes_to_the_first_of_equal_maxima(int kernel, int stride, int pad, int dilation)
    {
        TorchLibrary.Require();
        const int Side = 6;
        var graph = new GraphBuilder();
        graph.Input("x", null, 1, Side, Side);
        graph.Node("MaxPool", ["x"], "y", ("kernel_shape", new long[] { kernel, kernel }), ("strides", new long[] { stride, stride }), ("pads", new long[] { pad, pad, pad, pad }), ("dilations", new long[] { dilation, dilation }));
        graph.Output("y", DataType.Float, [null, 1, null, null]);
        using var network = TorchNetwork.Load(graph.ToModel(), new TorchOptions());
        var random = new Random(3);
        var x = Enumerable.Range(0, Side * Side).Select(_ => (float)random.Next(4)).ToArray();
        using var input = torch.tensor(x, [1, 1, Side, Side], requires_grad: true);
        using var output = network.Forward(new Dictionary<string, torch.Tensor> { ["x"] = input }, ForwardMode.Inference)["y"];
        using var sum = output.sum();
        using var gradient = torch.autograd.grad([sum], [input])[0];

        var expected = new float[x.Length];
        var found = output.detach().data<float>().ToArray();
        var count = (int)output.shape[2];
        for (var window = 0; window < count * count; window++)
        {
            var best = -1;
            for (var cell = 0; cell < kernel * kernel; cell++)
            {
                var (row, column) = ((window / count * stride) - pad + (cell / kernel * dilation), (window % count * stride) - pad + (cell % kernel * dilation));
                if (row is >= 0 and < Side && column is >= 0 and < Side && (best < 0 || x[(row * Side) + column] > x[best]))
                {
                    best = (row * Side) + column;
                }
            }

            expected[best]++;
            Assert.Equal(x[best], found[window]);
        }

        Assert.Equal(expected, gradient.data<float>().ToArray());
    }

    [Fact]
    public void Any_tensor_between_can_be_asked_for_and_given()
    {
        TorchLibrary.Require();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var network = TorchNetwork.Load(OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "cifar_vit.onnx"))), new TorchOptions()))
        using (var scope = torch.NewDisposeScope())
        using (torch.no_grad())
        {
            var input = torch.rand([2, 3, 32, 32]);
            var all = network.Forward(new Dictionary<string, torch.Tensor> { ["input"] = input }, ForwardMode.Inference, ["/Add_output_0", "logits"]);
            var from = network.Forward(new Dictionary<string, torch.Tensor> { ["/Add_output_0"] = all["/Add_output_0"] }, ForwardMode.Inference, ["logits"]);
            Assert.Equal([2L, 64, 64], all["/Add_output_0"].shape);
            Assert.Equal(all["logits"].data<float>().ToArray(), from["logits"].data<float>().ToArray());
            Assert.Contains("'nothing'", Assert.Throws<ModelRejectedException>(() => network.Forward(new Dictionary<string, torch.Tensor> { ["input"] = input }, ForwardMode.Inference, ["nothing"])).Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Every_unsupported_operator_is_named_before_anything_runs()
    {
        TorchLibrary.Require();
        var graph = new GraphBuilder();
        graph.Input("x", null, 2);
        graph.Node("Det", [graph.Node("Einsum", ["x"], "e", ("equation", "ij->ij"))], "d");
        graph.Node("Bernoulli", ["x"], "b");
        graph.Node("Sigmoid", ["x"], "logits");
        graph.Output("logits", null, 2);
        var message = Assert.Throws<ModelRejectedException>(() => TorchNetwork.Load(graph.ToModel(15), new TorchOptions())).Message;
        Assert.Contains("'Bernoulli', 'Det'", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Sigmoid", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failing_node_is_named()
    {
        TorchLibrary.Require();
        var graph = new GraphBuilder();
        graph.Input("x", DataType.Float, [null, null]);
        graph.Initializer("w", new float[6], 3, 2);
        graph.Node("MatMul", ["x", "w"], "logits");
        graph.Output("logits", null, 2);
        using var network = TorchNetwork.Load(graph.ToModel(), new TorchOptions());
        using var input = torch.zeros([1, 4]);
        Assert.Contains("'logits' (MatMul)", Assert.Throws<ModelRejectedException>(() => network.Logits(input, ForwardMode.Inference)).Message, StringComparison.Ordinal);
    }

    /// <summary>Batch normalisation of two columns, its statistics apart from 0 and 1.</summary>
    private static OnnxModel Normalised()
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 2);
        graph.Initializer("scale", [2f, 3], 2);
        graph.Initializer("shift", [0f, 0.5f], 2);
        graph.Initializer("mean", [0.25f, 0.25f], 2);
        graph.Initializer("var", [2f, 2], 2);
        graph.Node("BatchNormalization", ["x", "scale", "shift", "mean", "var"], "logits", ("momentum", Momentum));
        graph.Output("logits", null, 2);
        return OnnxModel.Load(graph.ToBytes());
    }
}
