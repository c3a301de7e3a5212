using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Torch.Native;
using TorchSharp;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>libtorch has one number of threads a process, and its sums depend on it: nothing changes it once it is loaded.</summary>
public sealed class TorchThreadsTests
{
    [Fact]
    public void Networks_beside_a_training_leave_the_number_as_it_is()
    {
        TorchLibrary.Require();
        Assert.True(TorchRuntime.IsAvailable(out _));
        Assert.Equal(TorchThreads.Count, torch.get_num_threads());
        var graph = new GraphBuilder();
        graph.Input("x", null, 2);
        graph.Output("z", null, 2);
        graph.Node("Neg", ["x"], "z");
        var model = OnnxModel.Load(graph.ToBytes());
        var options = new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Executor: NetworkExecutor.Torch);
        using (var masked = MaskedModel.Build(model, [2], options))
        {
            var v = new double[4];
            masked.Evaluate([3, 5], new float[2], new PlayerLayout(2, [0, 1]), 0, [0, 1, 2, 3], v);
            Assert.Equal([0, -3, 0, -3], v);
        }

        Assert.Equal(TorchThreads.Count, torch.get_num_threads());
        Assert.Throws<ArgumentException>(() => MaskedModel.Build(model, [2], options with { Threads = 1 }));
    }
}
