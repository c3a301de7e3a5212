using static TorchSharp.torch;

namespace InteractionLab.Models.Training.Optimizers;

/// <summary>
/// g' = g + λw; b = μb + g' (b = g' at the first step); w = w - η·b, with Nesterov w = w - η(g' + μb). PyTorch's form: η
/// scales the momentum too, and there is no dampening.
/// </summary>
internal sealed class Sgd : Optimizer
{
    private readonly Tensor[] _momentum;

    public Sgd(OptimizerSettings settings, IReadOnlyList<Tensor> parameters)
        : base(settings, parameters) => _momentum = settings.Momentum > 0 ? AddState() : [];

    /// <inheritdoc/>
    protected override void Update(int index, Tensor gradient, double learningRate)
    {
        var weight = Parameters[index];
        var direction = Settings.WeightDecay > 0 ? gradient.add(weight, Settings.WeightDecay) : gradient;
        if (_momentum.Length > 0)
        {
            // From zero, μ·0 + g' is the clone of g' that PyTorch takes at the first step.
            var momentum = _momentum[index].mul_(Settings.Momentum).add_(direction);
            direction = Settings.Nesterov ? direction.add(momentum, Settings.Momentum) : momentum;
        }

        weight.add_(direction, -learningRate);
    }
}
