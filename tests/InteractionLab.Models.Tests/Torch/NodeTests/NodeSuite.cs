using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Tests.Torch.Memory;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Torch.Values;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Torch.NodeTests;

/// <summary>Runs ONNX's backend node tests on both executors.</summary>
internal static class NodeSuite
{
    // The tolerances of ONNX's own runner of these tests.
    private const double Relative = 1e-3;
    private const double Absolute = 1e-7;

    public static IReadOnlyList<NodeOutcome> Run() => [.. NodeCase.All().Select(Run)];

    private static NodeOutcome Run(NodeCase node)
    {
        var torchRefusal = Try(() => TorchNetwork.Load(node.Model.Clone(), new TorchOptions()).Dispose());
        var runtimeRefusal = Try(() => NetworkSession.Open(node.Model, DeviceKind.Cpu, 1).Dispose());
        if (torchRefusal is not null || runtimeRefusal is not null)
        {
            return new NodeOutcome(node, runtimeRefusal, torchRefusal, null, null);
        }

        string? fault = null;
        string? runtimeFault = null;
        foreach (var data in node.DataSets)
        {
            var inputs = NodeCase.Tensors(data, "input", node.Model.Graph.Input);
            var expected = NodeCase.Tensors(data, "output", node.Model.Graph.Output);
            fault ??= Compare(() => WithTorch(node.Model, inputs), expected);
            runtimeFault ??= Compare(() => WithRuntime(node.Model, inputs), expected);
        }

        return new NodeOutcome(node, null, null, fault, runtimeFault);
    }

    private static string? Try(Action load)
    {
        try
        {
            load();
            return null;
        }
        catch (ModelRejectedException refusal)
        {
            return refusal.Message;
        }
    }

    private static List<(long[] Shape, double[] Values)> WithTorch(ModelProto model, IReadOnlyList<TensorProto> inputs)
    {
        using var scope = torch.NewDisposeScope();
        using var network = TorchNetwork.Load(model.Clone(), new TorchOptions());
        var fed = inputs.ToDictionary(input => input.Name, input => TensorTypes.ToHost(input, torch.ScalarType.Float32).ToTensor(torch.CPU));

        // Whatever an operator reads without having written it shows as NaN.
        PoisonedMemory.Prepare(12);
        var outputs = network.Forward(fed, ForwardMode.Inference);
        List<(long[], double[])> results = [.. model.Graph.Output.Select(output => outputs[output.Name])
            .Select(output => (output.shape, output.Reals()))];
        foreach (var tensor in fed.Values)
        {
            tensor.Dispose();
        }

        return results;
    }

    private static List<(long[] Shape, double[] Values)> WithRuntime(ModelProto model, IReadOnlyList<TensorProto> inputs)
    {
        using var session = NetworkSession.Open(model, DeviceKind.Cpu, 1);
        using var options = new RunOptions();
        var fed = inputs.Select(ToOrtValue).ToList();
        try
        {
            using var outputs = session.Run(options, [.. inputs.Select(input => input.Name)], fed, [.. model.Graph.Output.Select(output => output.Name)]);
            return [.. outputs.Select(output => (output.GetTensorTypeAndShape().Shape, ToReals(output)))];
        }
        catch (OnnxRuntimeException fault)
        {
            throw new ModelRejectedException(fault.Message, fault);
        }
        finally
        {
            fed.ForEach(value => value.Dispose());
        }
    }

    private static OrtValue ToOrtValue(TensorProto tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.DataType, [.. tensor.Dims]);
        tensor.RawData.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static double[] ToReals(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var proto = new TensorProto { DataType = (int)info.ElementDataType };
        proto.Dims.Add(info.Shape);
        proto.RawData = Google.Protobuf.ByteString.CopyFrom(value.GetTensorMutableRawData());
        return TensorTypes.ToHost(proto, torch.ScalarType.Float64).ToReals();
    }

    private static string? Compare(Func<List<(long[] Shape, double[] Values)>> run, IReadOnlyList<TensorProto> expected)
    {
        List<(long[] Shape, double[] Values)> found;
        try
        {
            found = run();
        }
        catch (ModelRejectedException fault)
        {
            return fault.Message;
        }

        for (var i = 0; i < expected.Count; i++)
        {
            var wanted = TensorTypes.ToHost(expected[i], torch.ScalarType.Float64).ToReals();
            if (!found[i].Shape.SequenceEqual(expected[i].Dims))
            {
                return $"output {i} has shape [{string.Join(", ", found[i].Shape)}] instead of [{string.Join(", ", expected[i].Dims)}]";
            }

            for (var k = 0; k < wanted.Length; k++)
            {
                var value = found[i].Values[k];
                if (!value.Equals(wanted[k]) && !(Math.Abs(value - wanted[k]) <= Absolute + (Relative * Math.Abs(wanted[k]))))
                {
                    return $"output {i}[{k}] is {value:R} instead of {wanted[k]:R} ({(DataType)expected[i].DataType})";
                }
            }
        }

        return null;
    }
}
