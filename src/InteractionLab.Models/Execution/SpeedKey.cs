using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Torch;

namespace InteractionLab.Models.Execution;

/// <summary>
/// What a measured speed is kept under: everything it depends on but the values of the weights, so that the snapshots of a
/// training run and copies with weights set to 0 share the measurement of their architecture.
/// </summary>
public static class SpeedKey
{
    // To be raised when the masked graph or the way it is run changes its speed.
    private const int Edition = 2;

    // Shapes, axes and other small constants are structure; they stay.
    private const int SmallBytes = 512;

    /// <summary>The key of a network under the options it will be built with.</summary>
    /// <param name="model">The network.</param>
    /// <param name="sampleShape">Shape of one sample, without the batch dimension.</param>
    /// <param name="options">As for <see cref="MaskedModel.Build"/>; <see cref="MaskedModelOptions.Batch"/> and <see cref="MaskedModelOptions.Speed"/> make no difference.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="ModelRejectedException">The executor or the device is missing.</exception>
    public static string Of(OnnxModel model, IReadOnlyList<int> sampleShape, MaskedModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sampleShape);
        ArgumentNullException.ThrowIfNull(options);
        var placement = Placement.Resolve(options.Executor, options.Device, options.Threads, out _);
        var structure = model.CopyProto();
        DropWeights(structure);
        var text = string.Create(CultureInfo.InvariantCulture, $"speed {Edition}; {placement.Executor} {VersionOf(placement.Executor)}; {placement.Device} {Hardware.NameOf(placement.Device)}; threads {placement.ThreadsUsed}; sample {string.Join('x', sampleShape)}; cut {options.Cut}; value {options.Value}; graph {Convert.ToHexStringLower(SHA256.HashData(structure.ToByteArray()))}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string VersionOf(NetworkExecutor executor) =>
        executor == NetworkExecutor.Torch ? TorchSharp.torch.__version__ : RuntimeEnvironment.Environment.GetVersionString();

    private static void DropWeights(ModelProto model)
    {
        model.DocString = model.ProducerName = model.ProducerVersion = model.Domain = "";
        model.MetadataProps.Clear();
        DropWeights(model.Graph);
    }

    private static void DropWeights(GraphProto graph)
    {
        graph.Name = graph.DocString = "";
        foreach (var tensor in graph.Initializer)
        {
            DropValues(tensor);
        }

        foreach (var node in graph.Node)
        {
            node.DocString = "";
            foreach (var attribute in node.Attribute)
            {
                DropValues(attribute.T);
                if (attribute.G is { } body)
                {
                    DropWeights(body);
                }
            }
        }
    }

    private static void DropValues(TensorProto? tensor)
    {
        if (tensor is null)
        {
            return;
        }

        tensor.DocString = "";
        var isReal = tensor.DataType is (int)TensorProto.Types.DataType.Float or (int)TensorProto.Types.DataType.Double or (int)TensorProto.Types.DataType.Float16;
        if (isReal || tensor.CalculateSize() > SmallBytes)
        {
            tensor.RawData = ByteString.Empty;
            tensor.FloatData.Clear();
            tensor.DoubleData.Clear();
            tensor.Int32Data.Clear();
            tensor.Int64Data.Clear();
            tensor.Uint64Data.Clear();
        }
    }
}
