using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Torch.Native;

namespace InteractionLab.Models.Execution;

/// <summary>What runs a network, where, and on how many threads (null takes the job's share; libtorch has the process's number).</summary>
internal sealed record Placement(NetworkExecutor Executor, DeviceKind Device, int? Threads)
{
    /// <summary>Threads of the network: of one run, or of runs side by side.</summary>
    public int ThreadsUsed => Executor == NetworkExecutor.Torch ? TorchThreads.Count : Threads ?? ProcessorShare.Threads;

    /// <summary>Whether runs of the network go on side by side, on one thread each.</summary>
    public bool IsSideBySide => this is { Executor: NetworkExecutor.OnnxRuntime, Device: DeviceKind.Cpu };

    /// <summary>Runs of the network that go on at once.</summary>
    public int Lanes => IsSideBySide ? ThreadsUsed : 1;

    /// <summary>Resolves <see cref="DeviceKind.Auto"/> for an executor; says in <paramref name="note"/> when the CPU stands in for a GPU.</summary>
    /// <exception cref="ModelRejectedException">The executor is missing, or CUDA was asked for and it has none.</exception>
    public static Placement Resolve(NetworkExecutor executor, DeviceKind asked, int? threads, out string? note) =>
        new(executor, executor == NetworkExecutor.Torch ? TorchRuntime.Resolve(asked, out note) : NetworkSession.Resolve(asked, out note), threads);
}
