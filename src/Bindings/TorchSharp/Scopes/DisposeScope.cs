namespace TorchSharp;

/// <summary>
/// Owns the tensors that its thread makes while it is the innermost scope, and disposes those still in it when it is
/// disposed. Not safe for use from several threads at once, as a tensor is not.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager _manager;
    private HashSet<IDisposable> _held = new(ReferenceEqualityComparer.Instance);

    /// <summary>Opens a scope inside the manager's innermost one; it is not the innermost until the manager says so.</summary>
    public DisposeScope(DisposeScopeManager disposeScopeManager)
    {
        ArgumentNullException.ThrowIfNull(disposeScopeManager);
        _manager = disposeScopeManager;
        OuterScope = disposeScopeManager.Innermost;
    }

    internal DisposeScope? OuterScope { get; }

    /// <summary>What the scope holds now, copied.</summary>
    public IReadOnlyList<IDisposable> DisposablesView => [.. _held];

    /// <summary>How many objects the scope holds.</summary>
    public int DisposablesCount => _held.Count;

    /// <summary>Whether the scope holds the object.</summary>
    public bool Contains(IDisposable disposable) => _held.Contains(disposable);

    /// <summary>Gives the scope an object to dispose; tensors come by themselves.</summary>
    public T Include<T>(T disposable)
        where T : IDisposable
    {
        _held.Add(disposable);
        return disposable;
    }

    /// <summary>Hands an object to the enclosing scope, or to nobody where there is none.</summary>
    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        Move(OuterScope, disposable);
        return disposable;
    }

    /// <inheritdoc cref="MoveToOuter{T}(T)"/>
    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (MoveToOuter(first), MoveToOuter(second));

    /// <inheritdoc cref="MoveToOuter{T}(T)"/>
    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    /// <inheritdoc cref="MoveToOuter{T}(T)"/>
    public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

    /// <inheritdoc cref="MoveToOuter{T}(T)"/>
    public void MoveToOuter(IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables)
        {
            Move(OuterScope, disposable);
        }
    }

    /// <summary>Takes an object out of every scope: whoever holds it disposes it.</summary>
    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        Move(null, disposable);
        return disposable;
    }

    /// <inheritdoc cref="Detach{T}(T)"/>
    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (Detach(first), Detach(second));

    /// <inheritdoc cref="Detach{T}(T)"/>
    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (Detach(first), Detach(second), Detach(third));

    /// <inheritdoc cref="Detach{T}(T)"/>
    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    /// <inheritdoc cref="Detach{T}(T)"/>
    public void Detach(IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables)
        {
            Move(null, disposable);
        }
    }

    /// <summary>Disposes everything in the scope; it stays open.</summary>
    public void DisposeEverything() => DisposeEverythingBut(Array.Empty<IDisposable>());

    /// <summary>Disposes everything in the scope but what is named, which stays in it.</summary>
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var before = _held;
        _held = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (var disposable in before)
        {
            if (_held.Contains(disposable))
            {
                continue;
            }

            // The tensor need not tell the scope that it is gone.
            if (disposable is torch.Tensor tensor)
            {
                tensor.OwningDisposeScope = null;
                _manager.Counts.DisposedInScopeCount += tensor.IsInvalid ? 0 : 1;
                tensor.Release();
            }
            else
            {
                _manager.Counts.DisposedInScopeCount++;
                disposable.Dispose();
            }
        }
    }

    /// <inheritdoc cref="DisposeEverythingBut(IEnumerable{IDisposable})"/>
    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    /// <inheritdoc cref="DisposeEverythingBut(IEnumerable{IDisposable})"/>
    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut([keep]);
        return keep;
    }

    /// <inheritdoc cref="DisposeEverythingBut(IEnumerable{IDisposable})"/>
    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        DisposeEverythingBut([first, second]);
        return (first, second);
    }

    /// <inheritdoc cref="DisposeEverythingBut(IEnumerable{IDisposable})"/>
    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        DisposeEverythingBut([first, second, third]);
        return (first, second, third);
    }

    /// <summary>Tells the scope that an object of its was disposed.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        _manager.Counts.DisposedInScopeCount++;
        _held.Remove(disposable);
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = null;
        }
    }

    /// <summary>Disposes everything in the scope and closes it.</summary>
    public void Dispose()
    {
        DisposeEverything();
        _manager.Close(this);
    }

    private void Move(DisposeScope? destination, IDisposable disposable)
    {
        if (!_held.Remove(disposable))
        {
            return;
        }

        if (destination is null)
        {
            _manager.Counts.DetachedFromScopeCount++;
        }
        else
        {
            destination._held.Add(disposable);
        }

        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = destination;
        }
    }
}
