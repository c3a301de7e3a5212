namespace InteractionLab.Models.Training;

/// <summary>Update rules.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with heavy-ball or Nesterov momentum (Sutskever et al. 2013, as PyTorch writes it).</summary>
    Sgd,

    /// <summary>Adam (Kingma and Ba 2015); weight decay is added to the gradient.</summary>
    Adam,

    /// <summary>AdamW (Loshchilov and Hutter 2019): weight decay shrinks the weights apart from the gradient.</summary>
    Adamw,
}

/// <summary>An update rule and its constants; the defaults are PyTorch's.</summary>
public sealed record OptimizerSettings
{
    /// <summary>The rule.</summary>
    public OptimizerKind Type { get; init; } = OptimizerKind.Sgd;

    /// <summary>The learning rate that the schedule scales, above 0.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Momentum of <see cref="OptimizerKind.Sgd"/>, 0 to below 1.</summary>
    public double Momentum { get; init; }

    /// <summary>Nesterov's form of the momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay λ, at least 0; applied to every parameter, as PyTorch does.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Decay of the mean of gradients in Adam, 0 to below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients in Adam, 0 to below 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε beside the root in Adam, above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Gradients of all parameters together are scaled down to this Euclidean norm where they exceed it; null leaves them.</summary>
    public double? ClipNorm { get; init; }
}
