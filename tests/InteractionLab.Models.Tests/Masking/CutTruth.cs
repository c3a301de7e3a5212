using Google.Protobuf;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>
/// Masking at a tensor between, done by hand in two plain sessions, one mask at a time: the first gives the tensor, arrays
/// are masked by loops, and the second is the whole file with that tensor as a further input beside the sample.
/// </summary>
internal sealed class CutTruth : IDisposable
{
    private readonly string input;
    private readonly string cut;
    private readonly bool tokens;
    private readonly int[] shape;
    private readonly InferenceSession before;
    private readonly InferenceSession after;

    public CutTruth(byte[] onnx, int[] sampleShape, string tensor)
    {
        (cut, shape) = (tensor, sampleShape);
        var first = ModelProto.Parser.ParseFrom(onnx);
        input = first.Graph.Input.Single(candidate => first.Graph.Initializer.All(weight => weight.Name != candidate.Name)).Name;
        tokens = first.Graph.Input.Single(candidate => candidate.Name == input).Type.TensorType.ElemType == (int)TensorProto.Types.DataType.Int64;
        first.Graph.Output.Clear();
        first.Graph.Output.Add(new ValueInfoProto { Name = cut });
        before = new InferenceSession(first.ToByteArray());

        var second = ModelProto.Parser.ParseFrom(onnx);
        foreach (var node in second.Graph.Node)
        {
            for (var i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = node.Output[i] == cut ? "not_this_one" : node.Output[i];
            }
        }

        second.Graph.Input.Add(new ValueInfoProto { Name = cut, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } } });
        after = new InferenceSession(second.ToByteArray());
    }

    /// <summary>The cut tensor of a sample, and its shape without the batch dimension.</summary>
    public (float[] Values, int[] Shape) Feature(float[] sample)
    {
        using var results = before.Run([Fed(sample)]);
        var tensor = results[0].AsTensor<float>();
        return (tensor.ToArray(), [.. tensor.Dimensions.ToArray().Skip(1)]);
    }

    public double[] Values(float[] sample, float[] baseline, PlayerLayout layout, int target, ValueKind value, IReadOnlyList<uint> masks)
    {
        var (feature, cutShape) = Feature(sample);
        return [.. masks.Select(mask =>
        {
            var masked = new DenseTensor<float>(Truth.Masked(feature, baseline, layout, mask), [1, .. cutShape]);
            using var results = after.Run([Fed(sample), NamedOnnxValue.CreateFromTensor(cut, masked)]);
            return Truth.Value(results[0].AsTensor<float>().ToArray(), target, value);
        })];
    }

    public void Dispose()
    {
        before.Dispose();
        after.Dispose();
    }

    private NamedOnnxValue Fed(float[] sample) => tokens
        ? NamedOnnxValue.CreateFromTensor(input, new DenseTensor<long>(sample.Select(id => (long)id).ToArray(), [1, .. shape]))
        : NamedOnnxValue.CreateFromTensor(input, new DenseTensor<float>(sample, [1, .. shape]));
}
