namespace InteractionLab.Models.Torch.Gradients;

/// <summary>Integrated gradients of v at a tensor.</summary>
/// <param name="Values">One number a cell of the tensor, row-major.</param>
/// <param name="Shape">The tensor's shape without the batch dimension.</param>
/// <param name="VSample">v at the sample.</param>
/// <param name="VBaseline">v at the baseline.</param>
/// <param name="ConvergenceDelta">Sum of the values less (<paramref name="VSample"/> - <paramref name="VBaseline"/>): 0 but for the quadrature's error and rounding.</param>
public sealed record AttributionResult(IReadOnlyList<double> Values, IReadOnlyList<long> Shape, double VSample, double VBaseline, double ConvergenceDelta);

/// <summary>The gradient of v at a tensor.</summary>
/// <param name="Values">One number a cell of the tensor, row-major.</param>
/// <param name="Shape">The tensor's shape without the batch dimension.</param>
/// <param name="V">v at the sample.</param>
public sealed record GradientResult(IReadOnlyList<double> Values, IReadOnlyList<long> Shape, double V);

/// <summary>An untargeted attack by projected gradient descent, bounded in every cell (method.md section 5).</summary>
/// <param name="Epsilon">The largest change of a cell, in the network's input space; at least 0.</param>
/// <param name="Steps">Steps, at least 1.</param>
/// <param name="StepSize">What a step changes a cell by; above 0.</param>
/// <param name="Seed">Starts at a random place within epsilon, named by the seed; null starts at the sample.</param>
/// <param name="Lowest">The least that each cell may become, null where nothing limits it.</param>
/// <param name="Highest">The most that each cell may become.</param>
public sealed record AttackOptions(double Epsilon, int Steps, double StepSize = 0.01, long? Seed = null, IReadOnlyList<float>? Lowest = null, IReadOnlyList<float>? Highest = null);
