global using TorchSharp;

using static TorchSharp.torch;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Bindings.TorchSharp.Tests;

/// <summary>A test inside a scope; skipped where there is no libtorch. Live tensors are those of the whole process, so tests run one by one.</summary>
public abstract class TorchTest : IDisposable
{
    private readonly long _before;
    private readonly DisposeScope _scope;

    protected TorchTest()
    {
        Assert.SkipUnless(TryInitializeDeviceType(DeviceType.CPU), "libtorch is not available here.");
        _before = Tensor.TotalCount;
        _scope = NewDisposeScope();
    }

    /// <summary>Closes the scope; nothing the test made may be left.</summary>
    public void Dispose()
    {
        _scope.Dispose();
        Assert.Equal(_before, Tensor.TotalCount);
        GC.SuppressFinalize(this);
    }
}
