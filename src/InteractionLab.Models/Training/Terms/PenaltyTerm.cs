using InteractionLab.Interactions;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training.Terms;

/// <summary>How interactions that do not generalize are penalized.</summary>
/// <param name="Weight">λ, at least 0.</param>
/// <param name="Players">n: how many units of the layout are players of a sample; the others keep their values. 2..10.</param>
/// <param name="Samples">How many samples of a step's batch are looked at.</param>
/// <param name="Factor">τ* is this times the mean |span| of the baseline model on these samples.</param>
/// <param name="Solver">
/// How γ and δ are chosen: <see cref="SolverKind.Half"/> sets them to 0; <see cref="SolverKind.Certified"/> takes those of
/// the sparsest decomposition of each network and holds them fixed in the gradient, which at the optimum is the gradient
/// of the whole sum (envelope theorem).
/// </param>
public sealed record Penalty(double Weight, int Players, int Samples, double Factor, SolverKind Solver);

/// <summary>
/// λ·Σ|I_T| over interactions that do not generalize to a baseline model (method.md §4; training-dynamics.txt, appendix
/// K), a mean over a few samples of the batch. I and I* are of v = log-odds of the label, on the same random players of
/// each sample. G = 1 where |I*| &gt; τ* and I·I* &gt; 0. Both networks run in inference mode.
/// </summary>
internal sealed class PenaltyTerm(Penalty penalty, TorchNetwork baseline, PlayerLayout units, ReadOnlyMemory<float> absent, int number) : ILossTerm
{
    private readonly float[] _absent = absent.ToArray();

    /// <inheritdoc/>
    public string Name => "penalty";

    /// <inheritdoc/>
    public double Weight => penalty.Weight;

    /// <inheritdoc/>
    public Tensor Evaluate(TorchNetwork network, TrainingStep step)
    {
        var samples = (int)Math.Min(penalty.Samples, step.Inputs.shape[0]);
        var inputs = Masked(step, samples);
        var labels = step.Labels.narrow(0, 0, samples).repeat_interleave(1L << penalty.Players);
        Tensor reference;
        using (no_grad())
        {
            reference = LogOdds(baseline.Logits(inputs, ForwardMode.Inference), labels).reshape(samples, -1);
        }

        var v = LogOdds(network.Logits(inputs, ForwardMode.Inference), labels).reshape(samples, -1);
        return Sum(v, reference) / samples;
    }

    /// <summary>Σ|I_T| over T with G = 0, of v [games, 2^n] against the baseline's v.</summary>
    internal Tensor Sum(Tensor v, Tensor reference)
    {
        var (and, or) = Interactions(v);
        Tensor kept;
        using (no_grad())
        {
            var (referenceAnd, referenceOr) = Interactions(reference);
            var threshold = (reference.select(1, -1) - reference.select(1, 0)).abs().mean() * penalty.Factor;
            kept = cat([Generalizes(and, referenceAnd, threshold), Generalizes(or, referenceOr, threshold)], 1);
        }

        return cat([and, or], 1).abs().masked_fill(kept, 0).sum();
    }

    private static Tensor Generalizes(Tensor own, Tensor reference, Tensor threshold) =>
        (reference.abs() > threshold).logical_and(own * reference > 0);

    private (Tensor And, Tensor Or) Interactions(Tensor v)
    {
        if (penalty.Solver == SolverKind.Half)
        {
            var zero = zeros_like(v);
            return HalfTransforms.Interactions(v, zero, zero);
        }

        var (games, length) = ((int)v.shape[0], (int)v.shape[1]);
        var values = v.Reals();
        var (gamma, delta) = (new double[values.Length], new double[values.Length]);
        for (var game = 0; game < games; game++)
        {
            var solved = AndOrSolver.Solve(values.AsSpan(game * length, length), new DecompositionOptions { Solver = penalty.Solver });
            Gamma(solved).CopyTo(gamma.AsSpan(game * length));
            solved.Delta.CopyTo(delta.AsSpan(game * length));
        }

        return HalfTransforms.Interactions(v, tensor(gamma, [games, length], device: v.device), tensor(delta, [games, length], device: v.device));
    }

    // γ_S is half of what AND interactions exceed OR interactions by at S.
    private static double[] Gamma(Decomposition solved)
    {
        var (and, or) = ((double[])solved.And.Clone(), (double[])solved.Or.Clone());
        Transforms.Zeta(and);
        Transforms.OrZeta(or);
        return [.. and.Zip(or, (a, o) => (a - o) / 2)];
    }

    // In double from the logits on, as where interactions are measured.
    private static Tensor LogOdds(Tensor logits, Tensor labels)
    {
        var z = logits.type(ScalarType.Float64);
        var own = labels.unsqueeze(1);
        var others = z.scatter(1, own, full_like(own.type(ScalarType.Float64), double.NegativeInfinity));
        return z.gather(1, own).squeeze(1) - others.logsumexp(1);
    }

    // All 2^n maskings of the first samples, one sample after the other.
    private Tensor Masked(TrainingStep step, int samples)
    {
        var random = TermRandom.Of(step, number);
        var masks = 1 << penalty.Players;
        var parts = new List<Tensor>();
        for (var sample = 0; sample < samples; sample++)
        {
            var chosen = random.Draw(Enumerable.Range(0, units.Players), penalty.Players);
            var playerOf = new int[units.Players];
            Array.Fill(playerOf, PlayerLayout.Keep);
            for (var player = 0; player < chosen.Length; player++)
            {
                playerOf[chosen[player]] = player;
            }

            var layout = new PlayerLayout(penalty.Players, [.. units.PlayerOf.Select(unit => unit >= 0 ? playerOf[unit] : unit)]);
            using var batches = new MaskedBatches(layout, _absent, step.Inputs.device);
            var present = new bool[masks * penalty.Players];
            for (var bit = 0; bit < present.Length; bit++)
            {
                present[bit] = ((bit / penalty.Players >> (bit % penalty.Players)) & 1) != 0;
            }

            var row = step.Inputs.narrow(0, sample, 1);
            long[] shape = [masks, .. row.shape[1..]];
            parts.Add(batches.Mask(row.expand(shape), present));
        }

        return cat(parts, 0);
    }
}
