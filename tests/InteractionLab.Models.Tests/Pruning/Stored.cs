using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Reads the floating-point tensors of a file, initializers and Constant nodes, without the pruner's own readers.</summary>
internal static class Stored
{
    public static Dictionary<string, double[]> Tensors(OnnxModel model)
    {
        var graph = model.CopyProto().Graph;
        return All(graph).ToDictionary(pair => pair.Name, pair => Values(pair.Tensor), StringComparer.Ordinal);
    }

    public static int Rank(OnnxModel model, string name) => All(model.CopyProto().Graph).Single(pair => pair.Name == name).Tensor.Dims.Count;

    /// <summary>The floating-point tensors as the graph's own objects.</summary>
    public static IEnumerable<(string Name, TensorProto Tensor)> All(GraphProto graph) =>
        graph.Initializer.Select(tensor => (tensor.Name, tensor))
            .Concat(graph.Node.Where(node => node.OpType == "Constant").Select(node => (node.Output[0], node.Attribute[0].T)))
            .Where(pair => pair.Item2 is not null && (DataType)pair.Item2.DataType is DataType.Float or DataType.Double or DataType.Float16);

    public static double[] Values(TensorProto tensor)
    {
        var raw = tensor.RawData.ToByteArray();
        return (DataType)tensor.DataType switch
        {
            DataType.Float when raw.Length == 0 => [.. tensor.FloatData.Select(value => (double)value)],
            DataType.Float => [.. Enumerable.Range(0, raw.Length / 4).Select(i => (double)BitConverter.ToSingle(raw, i * 4))],
            DataType.Double when raw.Length == 0 => [.. tensor.DoubleData],
            DataType.Double => [.. Enumerable.Range(0, raw.Length / 8).Select(i => BitConverter.ToDouble(raw, i * 8))],
            _ when raw.Length == 0 => [.. tensor.Int32Data.Select(bits => (double)BitConverter.Int16BitsToHalf((short)bits))],
            _ => [.. Enumerable.Range(0, raw.Length / 2).Select(i => (double)BitConverter.ToHalf(raw, i * 2))],
        };
    }
}
