using static TorchSharp.torch;

namespace Bindings.TorchSharp.Tests;

/// <summary>Random numbers, threads and devices.</summary>
public sealed class SystemTests : TorchTest
{
    [Fact]
    public void A_seed_fixes_the_numbers_drawn()
    {
        manual_seed(5);
        var first = torch.randn(8);
        manual_seed(5);
        Assert.True(first.allclose(torch.randn(8), 0, 0));
        Assert.False(first.allclose(torch.randn(8)));
        Assert.Equal(5, initial_seed());
    }

    [Fact]
    public void A_generator_is_a_stream_of_its_own()
    {
        using var one = new Generator(7);
        using var other = new Generator(7);
        var drawn = torch.rand(4, generator: one);
        _ = torch.rand(100);
        Assert.True(drawn.allclose(torch.rand(4, generator: other), 0, 0));
        Assert.Equal(7, one.initial_seed());
        var state = one.get_state();
        var next = randperm(50, generator: one);
        one.set_state(state);
        Assert.True(next.allclose(randperm(50, generator: one), 0, 0));
        one.manual_seed(7);
        Assert.True(drawn.allclose(torch.empty(4).uniform_(0, 1, one), 0, 0));
    }

    [Fact]
    public void Threads_can_be_set_and_results_do_not_depend_on_them()
    {
        var before = get_num_threads();
        Assert.True(before == Environment.ProcessorCount || Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not null, $"{before} threads");
        var a = torch.randn(64, 64);
        var with = a.matmul(a);
        try
        {
            set_num_threads(1);
            Assert.Equal(1, get_num_threads());
            Assert.True(with.allclose(a.matmul(a), 1e-5, 1e-5));
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void A_number_of_threads_holds_in_threads_that_used_torch_before()
    {
        var before = get_num_threads();
        var seen = 0;
        using var set = new ManualResetEventSlim();
        using var used = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            torch.ones(1).Dispose();
            used.Set();
            set.Wait();
            seen = get_num_threads();
        });
        thread.Start();
        used.Wait(TestContext.Current.CancellationToken);
        set_num_threads(before + 1);
        set.Set();
        thread.Join();
        set_num_threads(before);
        Assert.Equal(before + 1, seen);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => set_num_threads(0));
    }

    [Fact]
    public void Memory_of_large_tensors_waits_for_the_next_and_goes_with_the_last()
    {
        var keeper = torch.ones(1);
        torch.ones(1 << 20).Dispose();
        var kept = global::TorchSharp.Interop.NativeMethods.lab_kept_memory();
        Assert.InRange(kept, 4 << 20, 5 << 20);
        using (torch.ones(1 << 20))
        {
            Assert.Equal(0, global::TorchSharp.Interop.NativeMethods.lab_kept_memory());
        }

        Assert.Equal(kept, global::TorchSharp.Interop.NativeMethods.lab_kept_memory());
        keeper.Dispose();
        Assert.Equal(Tensor.TotalCount == 0 ? 0 : kept, global::TorchSharp.Interop.NativeMethods.lab_kept_memory());
    }

    [Fact]
    public void The_version_is_told_and_devices_are_counted()
    {
        Assert.True(Version.TryParse(__version__.Split('+')[0], out var version) && version >= new Version(1, 13));
        Assert.Equal(cuda.device_count() > 0, cuda.is_available());
        Assert.True(TryInitializeDeviceType(DeviceType.CPU));
        Assert.Equal(cuda.is_available(), TryInitializeDeviceType(DeviceType.CUDA));
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal(DeviceType.CPU, torch.zeros(1).device.type);
        Assert.Throws<ArgumentException>(() => new Device("abacus"));
    }

    [Fact]
    public void Deterministic_algorithms_are_a_setting_that_comes_back()
    {
        Assert.False(are_deterministic_algorithms_enabled());
        using (use_deterministic_algorithms())
        {
            Assert.True(are_deterministic_algorithms_enabled());
        }

        Assert.False(are_deterministic_algorithms_enabled());
    }

    [Fact]
    public void Many_threads_may_use_tensors_at_once()
    {
        var sums = new double[4];
        var threads = Enumerable.Range(0, sums.Length).Select(i => new Thread(() =>
        {
            for (var round = 0; round < 50; round++)
            {
                using var scope = NewDisposeScope();
                var x = torch.full(100, i + 1.0, ScalarType.Float64).requires_grad_();
                sums[i] = autograd.grad([(x * x).sum()], [x])[0].sum().ToDouble();
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal([200.0, 400, 600, 800], sums);
    }
}
