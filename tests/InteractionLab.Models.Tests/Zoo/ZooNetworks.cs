using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Zoo;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Models.Tests.Zoo;

/// <summary>Short ways to networks of the zoo.</summary>
internal static class ZooNetworks
{
    public static ZooInput Cifar { get; } = new(SampleKind.Image, [3, 32, 32], 10);

    public static ZooInput Digits { get; } = new(SampleKind.Image, [1, 28, 28], 10);

    public static ZooInput Census { get; } = new(SampleKind.Tabular, [12], 2);

    public static ZooInput Reviews { get; } = new(SampleKind.Text, [48], 2, 8003);

    public static ZooArchitecture Read(string json)
    {
        var faults = Faults(json, out var architecture);
        Assert.Empty(faults);
        return architecture!;
    }

    public static List<(string Field, string Why)> Faults(string json, out ZooArchitecture? architecture)
    {
        var faults = new List<(string, string)>();
        architecture = ModelZoo.Read(JsonElement.Parse(json), (field, why) => faults.Add((field, why)));
        Assert.Equal(faults.Count > 0, architecture is null);
        return faults;
    }

    public static List<(string Field, string Why)> Misfits(string json, ZooInput input)
    {
        var faults = new List<(string, string)>();
        ModelZoo.Check(Read(json), input, (field, why) => faults.Add((field, why)));
        return faults;
    }

    /// <summary>Logits [rows, classes] of the file in plain ONNX Runtime.</summary>
    public static float[] Run(OnnxModel model, ZooInput input, float[] values)
    {
        using var session = new InferenceSession(model.ToBytes());
        var name = session.InputMetadata.Keys.Single();
        int[] shape = [values.Length / input.SampleShape.Aggregate(1, (a, b) => a * b), .. input.SampleShape];
        var fed = input.Kind == SampleKind.Text
            ? NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(Array.ConvertAll(values, v => (long)v), shape))
            : NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(values, shape));
        using var results = session.Run([fed]);
        Assert.Equal([shape[0], input.Classes], results[0].AsTensor<float>().Dimensions.ToArray());
        return results[0].AsTensor<float>().ToArray();
    }

    /// <summary>A float initializer's values.</summary>
    public static float[] Weights(OnnxModel model, string name)
    {
        var raw = model.CopyProto().Graph.Initializer.Single(tensor => tensor.Name == name).RawData;
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(raw.Span).ToArray();
    }
}
