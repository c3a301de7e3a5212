using static TorchSharp.torch;

namespace InteractionLab.Models.Training.Optimizers;

/// <summary>
/// m = β1·m + (1-β1)g; s = β2·s + (1-β2)g²; w = w - η/(1-β1^t) · m / (√s/√(1-β2^t) + ε). Adam adds λw to g first; AdamW
/// multiplies w by 1 - ηλ first.
/// </summary>
internal sealed class Adam : Optimizer
{
    private readonly Tensor[] _mean;
    private readonly Tensor[] _square;

    public Adam(OptimizerSettings settings, IReadOnlyList<Tensor> parameters)
        : base(settings, parameters)
    {
        _mean = AddState();
        _square = AddState();
    }

    /// <inheritdoc/>
    protected override void Update(int index, Tensor gradient, double learningRate)
    {
        var weight = Parameters[index];
        if (Settings.WeightDecay > 0)
        {
            if (Settings.Type == OptimizerKind.Adamw)
            {
                weight.mul_(1 - (learningRate * Settings.WeightDecay));
            }
            else
            {
                gradient = gradient.add(weight, Settings.WeightDecay);
            }
        }

        var mean = _mean[index].mul_(Settings.Beta1).add_(gradient, 1 - Settings.Beta1);
        var square = _square[index].mul_(Settings.Beta2).addcmul_(gradient, gradient, 1 - Settings.Beta2);
        var unbiased = Math.Sqrt(1 - Math.Pow(Settings.Beta2, Steps));
        var divisor = square.sqrt().div_(unbiased).add_(Settings.Epsilon);
        weight.addcdiv_(mean, divisor, -learningRate / (1 - Math.Pow(Settings.Beta1, Steps)));
    }
}
