using static TorchSharp.torch;

namespace Bindings.TorchSharp.Tests;

/// <summary>Scopes own what is made in them, and counts say so.</summary>
public sealed class ScopeTests : TorchTest
{
    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        var before = Tensor.TotalCount;
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            inside = torch.ones(3) + torch.ones(3);
            Assert.Equal(3, scope.DisposablesCount);
            Assert.True(scope.Contains(inside));
            Assert.Equal(before + 3, Tensor.TotalCount);
        }

        Assert.True(inside.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => inside.shape);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Scopes_nest_and_tensors_move_outwards()
    {
        using var outer = NewDisposeScope();
        Tensor kept, lost;
        using (var inner = NewDisposeScope())
        {
            kept = inner.MoveToOuter(torch.ones(2));
            lost = torch.ones(2);
            Assert.False(inner.Contains(kept));
            Assert.True(outer.Contains(kept));
        }

        Assert.True(lost.IsInvalid);
        Assert.Equal([1f, 1f], kept.data<float>().ToArray());
        Assert.Equal(1, outer.DisposablesCount);
    }

    [Fact]
    public void A_detached_tensor_outlives_every_scope()
    {
        Tensor kept;
        using (var scope = NewDisposeScope())
        {
            kept = scope.Detach(torch.ones(2));
        }

        Assert.False(kept.IsInvalid);
        kept.Dispose();
        kept.Dispose();
        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void Everything_but_what_is_named_goes()
    {
        using var scope = NewDisposeScope();
        var (first, second, third) = (torch.ones(1), torch.ones(1), torch.ones(1));
        Assert.Same(second, scope.DisposeEverythingBut(second));
        Assert.True(first.IsInvalid && third.IsInvalid && !second.IsInvalid);
        Assert.Equal([second], scope.DisposablesView);
        scope.DisposeEverything();
        Assert.True(second.IsInvalid);
    }

    [Fact]
    public void The_outermost_scope_moves_to_nobody()
    {
        Tensor? kept = null;
        var thread = new Thread(() =>
        {
            using var scope = NewDisposeScope();
            kept = torch.ones(1).MoveToOuterDisposeScope();
        });
        thread.Start();
        thread.Join();
        Assert.False(kept!.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void A_tensor_disposed_by_hand_leaves_its_scope()
    {
        using var scope = NewDisposeScope();
        using (torch.ones(1))
        {
            Assert.Equal(1, scope.DisposablesCount);
        }

        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Threads_count_for_themselves()
    {
        var counts = new ThreadDisposeScopeStatistics[1];
        var thread = new Thread(() =>
        {
            DisposeScopeManager.Statistics.Reset();
            using (var outside = torch.ones(1))
            {
                using var scope = NewDisposeScope();
                _ = outside + 1;
                torch.ones(2).DetachFromDisposeScope().Dispose();
            }

            counts[0] = DisposeScopeManager.Statistics;
        });
        thread.Start();
        thread.Join();
        Assert.Equal((1, 2), (counts[0].CreatedOutsideScopeCount, counts[0].CreatedInScopeCount));
        Assert.Equal((2, 1), (counts[0].DisposedOutsideScopeCount, counts[0].DisposedInScopeCount));
        Assert.Equal(1, counts[0].DetachedFromScopeCount);
        Assert.Equal(0, counts[0].ThreadTotalLiveCount);
    }

    [Fact]
    public void The_garbage_collector_takes_what_nobody_disposed()
    {
        var before = Tensor.TotalCount;
        Leave();
        for (var i = 0; i < 20 && Tensor.TotalCount > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Leave() => torch.ones(5).DetachFromDisposeScope();
}
