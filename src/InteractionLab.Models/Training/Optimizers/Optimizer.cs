using static TorchSharp.torch;

namespace InteractionLab.Models.Training.Optimizers;

/// <summary>
/// An update rule over some parameters, written with in-place operations: a step makes no copy of a parameter or of its
/// state. Owns the state; not the parameters.
/// </summary>
internal abstract class Optimizer : IDisposable
{
    private readonly List<Tensor> _state = [];

    protected Optimizer(OptimizerSettings settings, IReadOnlyList<Tensor> parameters)
    {
        Settings = settings;
        Parameters = parameters;
    }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Everything beside <see cref="Steps"/> that the next step depends on, in a fixed order.</summary>
    public IReadOnlyList<Tensor> State => _state;

    protected OptimizerSettings Settings { get; }

    protected IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>The rule of some settings, with fresh state.</summary>
    public static Optimizer Create(OptimizerSettings settings, IReadOnlyList<Tensor> parameters) => settings.Type switch
    {
        OptimizerKind.Sgd => new Sgd(settings, parameters),
        OptimizerKind.Adam or OptimizerKind.Adamw => new Adam(settings, parameters),
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Type, "There is no such optimizer."),
    };

    /// <summary>Takes one step.</summary>
    /// <param name="gradients">One a parameter, in their order; left as they are.</param>
    /// <param name="learningRate">The rate of this step.</param>
    public void Step(IList<Tensor> gradients, double learningRate)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Steps++;
        var clip = ClipFactor(gradients);
        for (var i = 0; i < Parameters.Count; i++)
        {
            Update(i, clip is null ? gradients[i] : gradients[i].mul(clip), learningRate);
        }
    }

    /// <summary>Forgets every step.</summary>
    public void Reset() => Restore(0);

    /// <summary>Takes up the count of steps that goes with a restored <see cref="State"/>; a count of 0 clears the state.</summary>
    public void Restore(long steps)
    {
        Steps = steps;
        if (steps == 0)
        {
            using var quiet = no_grad();
            foreach (var tensor in _state)
            {
                tensor.zero_();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _state)
        {
            tensor.Dispose();
        }

        _state.Clear();
    }

    /// <summary>Changes parameter <paramref name="index"/> in place.</summary>
    protected abstract void Update(int index, Tensor gradient, double learningRate);

    /// <summary>A tensor of zeros beside every parameter.</summary>
    protected Tensor[] AddState()
    {
        using var quiet = no_grad();
        var added = Parameters.Select(parameter => parameter.zeros_like(requires_grad: false).DetachFromDisposeScope()).ToArray();
        _state.AddRange(added);
        return added;
    }

    /// <summary>max / (norm + 1e-6), at most 1, as PyTorch's clip_grad_norm_; null where nothing is clipped.</summary>
    private Tensor? ClipFactor(IList<Tensor> gradients)
    {
        if (Settings.ClipNorm is not { } most || gradients.Count == 0)
        {
            return null;
        }

        var squares = gradients[0].square().sum();
        foreach (var gradient in gradients.Skip(1))
        {
            squares.add_(gradient.square().sum());
        }

        return squares.sqrt_().add_(1e-6).reciprocal_().mul_(most).clamp_max_(1.0);
    }
}
