using Google.Protobuf;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Pruning;
using Microsoft.ML.OnnxRuntime;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>
/// What every structurally pruned model must satisfy: valid, smaller by exactly what is said, its tensors the original's
/// without the named slices, and its logits those of the original with the named slices set to zero.
/// </summary>
internal static class Equivalence
{
    private const double Tolerance = 1e-4;

    public static void Check(OnnxModel original, PrunedModel pruned, int seed)
    {
        var before = original.CopyProto();
        var zeroed = original.CopyProto();
        var after = OnnxModel.Load(pruned.Model.ToBytes());
        var cut = Stored.All(after.CopyProto().Graph).ToDictionary(pair => pair.Name, pair => pair.Tensor, StringComparer.Ordinal);
        foreach (var (name, tensor) in Stored.All(before.Graph))
        {
            var slices = pruned.Slices.Where(slice => slice.Tensor == name).ToList();
            Assert.Equal(Without(tensor, slices, out var dims), Stored.Values(cut[name]));
            Assert.Equal(dims, cut[name].Dims);
        }

        foreach (var (name, tensor) in Stored.All(zeroed.Graph))
        {
            Zero(tensor, pruned.Slices.Where(slice => slice.Tensor == name));
        }

        var parameters = Stored.All(after.CopyProto().Graph).Sum(pair => pair.Tensor.Dims.Aggregate(1L, (product, size) => product * size));
        var all = Stored.All(before.Graph).Sum(pair => pair.Tensor.Dims.Aggregate(1L, (product, size) => product * size));
        Assert.Equal(1 - ((parameters - Scalars(after)) / (double)(all - Scalars(original))), pruned.Achieved, 1e-12);
        Assert.Equal(pruned.ParametersAfter, after.Summary.Parameters);
        var feeds = Feeds(original, seed);
        var expected = Run(zeroed.ToByteArray(), feeds);
        var found = Run(pruned.Model.ToBytes(), feeds);
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(double.IsFinite(expected[i]));
            Assert.Equal(expected[i], found[i], Tolerance * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    /// <summary>Random inputs for a batch of 3, or of the size the graph is written for; integers are small enough for any table.</summary>
    public static Dictionary<string, (long[] Shape, DataType Type, double[] Values)> Feeds(OnnxModel model, int seed)
    {
        var random = new Random(seed);
        var graph = model.CopyProto().Graph;
        var feeds = new Dictionary<string, (long[], DataType, double[])>();
        foreach (var input in graph.Input.Where(input => graph.Initializer.All(tensor => tensor.Name != input.Name)))
        {
            long[] shape = [.. input.Type.TensorType.Shape.Dim.Select(dim => dim.DimValue > 0 ? dim.DimValue : 3)];
            var type = (DataType)input.Type.TensorType.ElemType;
            var count = shape.Aggregate(1L, (product, size) => product * size);
            feeds[input.Name] = (shape, type, [.. Enumerable.Range(0, (int)count).Select(_ => type == DataType.Float ? (random.NextDouble() * 2) - 1 : random.Next(0, 4))]);
        }

        return feeds;
    }

    /// <summary>All floating-point outputs, end to end.</summary>
    public static double[] Run(byte[] model, Dictionary<string, (long[] Shape, DataType Type, double[] Values)> feeds)
    {
        _ = RuntimeEnvironment.Environment;
        using var options = NetworkSession.Options(DeviceKind.Cpu, 1);
        using var session = new InferenceSession(model, options);
        using var run = new RunOptions();
        var names = feeds.Keys.ToList();
        var values = names.Select(name => feeds[name].Type == DataType.Float
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(feeds[name].Values, value => (float)value), feeds[name].Shape)
            : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(feeds[name].Values, value => (long)value), feeds[name].Shape)).ToList();
        try
        {
            using var outputs = session.Run(run, names, values, session.OutputNames);
            return [.. outputs.SelectMany(output => output.GetTensorDataAsSpan<float>().ToArray()).Select(value => (double)value)];
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    private static long Scalars(OnnxModel model) =>
        model.CopyProto().Graph.Node.Count(node => node.OpType == "Constant" && node.Attribute[0].T is { Dims.Count: 0 } tensor && (DataType)tensor.DataType is DataType.Float or DataType.Double or DataType.Float16);

    /// <summary>The elements that lie in none of the slices, in order.</summary>
    private static double[] Without(TensorProto tensor, List<PrunedSlices> slices, out long[] dims)
    {
        dims = [.. tensor.Dims];
        foreach (var slice in slices)
        {
            dims[slice.Axis] -= slice.Removed.Count;
        }

        return [.. Stored.Values(tensor).Where((_, i) => !slices.Any(slice => slice.Removed.Contains(Coordinate(tensor, i, slice.Axis))))];
    }

    private static void Zero(TensorProto tensor, IEnumerable<PrunedSlices> slices)
    {
        var values = Array.ConvertAll(Stored.Values(tensor), value => (float)value);
        foreach (var slice in slices)
        {
            var removed = slice.Removed.ToHashSet();
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = removed.Contains(Coordinate(tensor, i, slice.Axis)) ? 0 : values[i];
            }
        }

        if ((DataType)tensor.DataType == DataType.Float)
        {
            tensor.FloatData.Clear();
            tensor.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        }
    }

    private static int Coordinate(TensorProto tensor, int element, int axis) =>
        (int)(element / tensor.Dims.Skip(axis + 1).Aggregate(1L, (product, size) => product * size) % tensor.Dims[axis]);
}
