using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Demo;

/// <summary>Writes a <see cref="ShapeNetwork"/> as ONNX, with planes and weights in ONNX's order (channels first).</summary>
internal static class ShapeNetworkExport
{
    public static byte[] ToOnnx(ShapeNetwork network)
    {
        var graph = new GraphBuilder("shapes");
        var input = graph.Input("input", null, ShapeNetwork.Channels0, ShapeNetwork.Side1, ShapeNetwork.Side1);
        var pool1 = Block(graph, 1, input, network.Kernel1, network.Bias1, ShapeNetwork.Channels0, ShapeNetwork.Channels1);
        var pool2 = Block(graph, 2, pool1, network.Kernel2, network.Bias2, ShapeNetwork.Channels1, ShapeNetwork.Channels2);
        var flat = graph.Node("Flatten", [pool2], "features", ("axis", 1));
        var weights = graph.Initializer("linear.weight", ChannelsFirst(network.Linear.Values), ShapeNetwork.Classes, ShapeNetwork.Features);
        var bias = graph.Initializer("linear.bias", network.LinearBias.Values, ShapeNetwork.Classes);
        graph.Node("Gemm", [flat, weights, bias], "logits", ("transB", 1));
        graph.Output("logits", null, ShapeNetwork.Classes);
        return graph.ToBytes();
    }

    private static string Block(GraphBuilder graph, int number, string input, Parameter kernel, Parameter bias, int inputs, int outputs)
    {
        var weights = graph.Initializer($"conv{number}.weight", OutputFirst(kernel.Values, inputs, outputs), outputs, inputs, 3, 3);
        var biases = graph.Initializer($"conv{number}.bias", bias.Values, outputs);
        var conv = graph.Node("Conv", [input, weights, biases], $"conv{number}", ("kernel_shape", (long[])[3, 3]), ("pads", (long[])[1, 1, 1, 1]), ("strides", (long[])[1, 1]));
        var relu = graph.Node("Relu", [conv], $"relu{number}");
        return graph.Node("MaxPool", [relu], $"pool{number}", ("kernel_shape", (long[])[2, 2]), ("strides", (long[])[2, 2]));
    }

    /// <summary>[tap, input, output] to [output, input, row, column].</summary>
    private static float[] OutputFirst(float[] kernel, int inputs, int outputs)
    {
        var target = new float[kernel.Length];
        for (var i = 0; i < kernel.Length; i++)
        {
            int tap = i / (inputs * outputs), input = i / outputs % inputs, output = i % outputs;
            target[(((output * inputs) + input) * Convolution.Taps) + tap] = kernel[i];
        }

        return target;
    }

    /// <summary>[class, row, column, channel] to [class, channel, row, column].</summary>
    private static float[] ChannelsFirst(float[] linear)
    {
        const int Plane = ShapeNetwork.Side3 * ShapeNetwork.Side3;
        var target = new float[linear.Length];
        for (var i = 0; i < linear.Length; i++)
        {
            int row = i / ShapeNetwork.Features, cell = i % ShapeNetwork.Features / ShapeNetwork.Channels2, channel = i % ShapeNetwork.Channels2;
            target[(row * ShapeNetwork.Features) + (channel * Plane) + cell] = linear[i];
        }

        return target;
    }
}
