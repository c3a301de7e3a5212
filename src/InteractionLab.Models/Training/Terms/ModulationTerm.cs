using InteractionLab.Interactions;
using InteractionLab.Models.Torch;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training.Terms;

/// <summary>What a modulation does with the orders of its range.</summary>
public enum ModulationKind
{
    /// <summary>L+(r1, r2): the network shall classify by them.</summary>
    Encourage,

    /// <summary>L-(r1, r2): they shall say nothing of the class.</summary>
    Suppress,
}

/// <summary>A modulation loss (method.md §5; interaction-bottleneck.txt, section 6.1).</summary>
/// <param name="Type">Encourage or suppress.</param>
/// <param name="From">r1, 0 to below <paramref name="To"/>.</param>
/// <param name="To">r2, at most 1.</param>
/// <param name="Weight">λ, at least 0.</param>
public sealed record Modulation(ModulationKind Type, double From, double To, double Weight)
{
    /// <summary>k1 and k2: how many of n players the smaller and the larger mask have, k1 &lt; k2.</summary>
    public (int Smaller, int Larger) Sizes(int players) =>
        ((int)Math.Round(From * players, MidpointRounding.AwayFromZero), (int)Math.Round(To * players, MidpointRounding.AwayFromZero));
}

/// <summary>
/// L+ or L- of one step. For each sample one random nested pair S1 ⊆ S2 is drawn, Δu_c = v_c(S2) - (k2/k1) v_c(S1)
/// (coefficient 1 where k1 = 0) with v_c the logits. L+ is the cross-entropy of softmax(Δu) with the label, L- minus its
/// entropy, each a mean over the batch. The masked inputs run in inference mode, as they do where interactions are
/// measured: they leave no trace in running statistics.
/// </summary>
internal sealed class ModulationTerm : ILossTerm
{
    private readonly Modulation _modulation;
    private readonly MaskedBatches _masks;
    private readonly int _number;
    private readonly int _smaller;
    private readonly int _larger;

    /// <summary>Prepares the term.</summary>
    /// <param name="modulation">What it does.</param>
    /// <param name="masks">Players and baseline; the caller's.</param>
    /// <param name="number">Its place among the terms of a run: each draws masks of its own.</param>
    public ModulationTerm(Modulation modulation, MaskedBatches masks, int number)
    {
        (_modulation, _masks, _number) = (modulation, masks, number);
        (_smaller, _larger) = modulation.Sizes(masks.Players);
        if (_smaller >= _larger)
        {
            throw new TrainingException($"The ratios {modulation.From} and {modulation.To} of {masks.Players} players give masks of the same size; take ratios further apart.");
        }
    }

    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"{(_modulation.Type == ModulationKind.Encourage ? "encourage" : "suppress")} {_modulation.From}-{_modulation.To}");

    /// <inheritdoc/>
    public double Weight => _modulation.Weight;

    /// <inheritdoc/>
    public Tensor Evaluate(TorchNetwork network, TrainingStep step)
    {
        var rows = (int)step.Inputs.shape[0];
        var (smaller, larger) = Draw(rows, TermRandom.Of(step, _number));
        var both = network.Logits(cat([_masks.Mask(step.Inputs, larger), _masks.Mask(step.Inputs, smaller)], 0), ForwardMode.Inference);
        var coefficient = _smaller == 0 ? 1 : (double)_larger / _smaller;
        var difference = both.narrow(0, 0, rows) - (both.narrow(0, rows, rows) * coefficient);
        if (_modulation.Type == ModulationKind.Encourage)
        {
            return nn.functional.cross_entropy(difference, step.Labels);
        }

        var logarithms = difference.log_softmax(1);
        return (logarithms.exp() * logarithms).sum(1).mean();
    }

    private (bool[] Smaller, bool[] Larger) Draw(int rows, PortableRandom random)
    {
        var players = _masks.Players;
        var (smaller, larger) = (new bool[rows * players], new bool[rows * players]);
        for (var row = 0; row < rows; row++)
        {
            // A random order whose first k1 players are S1 and first k2 are S2.
            var order = random.Draw(Enumerable.Range(0, players), _larger);
            for (var k = 0; k < _larger; k++)
            {
                larger[(row * players) + order[k]] = true;
                smaller[(row * players) + order[k]] = k < _smaller;
            }
        }

        return (smaller, larger);
    }
}
