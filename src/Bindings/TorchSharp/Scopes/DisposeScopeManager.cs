namespace TorchSharp;

/// <summary>The open scopes of one thread, innermost last, and what was counted on it.</summary>
public sealed class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? _ofThread;

    private readonly List<DisposeScope> _open = [];

    /// <summary>The counts of the calling thread.</summary>
    public static ThreadDisposeScopeStatistics Statistics => OfThread.Counts;

    internal static DisposeScopeManager OfThread => _ofThread ??= new DisposeScopeManager();

    internal ThreadDisposeScopeStatistics Counts { get; } = new();

    internal DisposeScope? Innermost => _open.Count > 0 ? _open[^1] : null;

    internal DisposeScope Open()
    {
        var scope = new DisposeScope(this);
        _open.Add(scope);
        return scope;
    }

    internal void Close(DisposeScope scope) => _open.Remove(scope);

    /// <summary>Puts a new tensor into the innermost scope, and says which that is.</summary>
    internal DisposeScope? Register(torch.Tensor tensor)
    {
        if (Innermost is not { } scope)
        {
            Counts.CreatedOutsideScopeCount++;
            return null;
        }

        Counts.CreatedInScopeCount++;
        scope.Include(tensor);
        return scope;
    }
}

/// <summary>What became of the tensors of one thread.</summary>
public sealed class ThreadDisposeScopeStatistics
{
    /// <summary>Tensors made while no scope was open.</summary>
    public long CreatedOutsideScopeCount { get; internal set; }

    /// <summary>Tensors disposed that no scope held.</summary>
    public long DisposedOutsideScopeCount { get; internal set; }

    /// <summary>Tensors made inside a scope.</summary>
    public long CreatedInScopeCount { get; internal set; }

    /// <summary>Tensors disposed while a scope held them.</summary>
    public long DisposedInScopeCount { get; internal set; }

    /// <summary>Tensors taken out of a scope and given to none.</summary>
    public long DetachedFromScopeCount { get; internal set; }

    /// <summary>Tensors made on this thread less those disposed on it.</summary>
    public long ThreadTotalLiveCount => CreatedInScopeCount + CreatedOutsideScopeCount - DisposedInScopeCount - DisposedOutsideScopeCount;

    /// <summary>Sets all counts to zero.</summary>
    public void Reset() =>
        CreatedOutsideScopeCount = DisposedOutsideScopeCount = CreatedInScopeCount = DisposedInScopeCount = DetachedFromScopeCount = 0;
}
