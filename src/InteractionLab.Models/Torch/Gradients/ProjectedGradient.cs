using InteractionLab.Interactions;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Gradients;

/// <summary>Projected gradient ascent of the cross-entropy in an L∞ ball.</summary>
internal static class ProjectedGradient
{
    /// <param name="model">The network.</param>
    /// <param name="samples">A batch; rows beyond the labels repeat the last.</param>
    /// <param name="labels">Classes of the samples.</param>
    /// <param name="options">Bound, steps and start.</param>
    /// <param name="first">Number of the first sample, which names its random start.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public static Tensor Run(DifferentiableModel model, Tensor samples, int[] labels, AttackOptions options, int first, CancellationToken cancellation)
    {
        var rows = (int)samples.shape[0];
        var targets = tensor([.. Enumerable.Range(0, rows).Select(row => (long)labels[Math.Min(row, labels.Length - 1)])], device: samples.device);
        var (low, high) = (samples - options.Epsilon, samples + options.Epsilon);
        if (options.Lowest is not null)
        {
            low = maximum(low, Limit(options.Lowest, samples));
        }

        if (options.Highest is not null)
        {
            high = minimum(high, Limit(options.Highest, samples));
        }

        var point = Start(samples, options, first);
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var place = maximum(minimum(point, high), low).detach().requires_grad_();

            // Summed, so that a row's step does not depend on how many there are.
            var loss = (model.Logits(place).log_softmax(1) * F.one_hot(targets, model.Classes)).sum().neg();
            var gradient = Backward.Of(loss, [place])[0] ?? zeros_like(place);
            var next = place.detach() + (gradient.sign() * options.StepSize);
            var before = point;
            point = maximum(minimum(next, high), low).MoveToOuterDisposeScope();
            before.Dispose();
        }

        return point;
    }

    private static Tensor Start(Tensor samples, AttackOptions options, int first)
    {
        if (options.Seed is not { } seed)
        {
            return samples.clone();
        }

        var cells = (int)(samples.NumberOfElements / samples.shape[0]);
        var shifts = new double[samples.NumberOfElements];
        for (var row = 0; row < samples.shape[0]; row++)
        {
            var random = new PortableRandom(seed, first + row);
            for (var cell = 0; cell < cells; cell++)
            {
                shifts[(row * cells) + cell] = options.Epsilon * ((2 * random.NextDouble()) - 1);
            }
        }

        return samples + tensor(shifts, samples.shape, samples.dtype, samples.device);
    }

    private static Tensor Limit(IReadOnlyList<float> cells, Tensor samples) =>
        tensor([.. cells], [1, .. samples.shape[1..]], samples.dtype, samples.device);
}
