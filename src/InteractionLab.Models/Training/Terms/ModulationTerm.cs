using System.Text.Json.Serialization;
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
/// <param name="Pairs">
/// Random nested mask pairs a sample and step, 1 to <see cref="MostPairs"/>, whose differences are averaged before the softmax. Δu is an
/// expectation (eq. 14); with one pair the loss acts on the spread between masks of one size as well, and so on all orders below k1.
/// </param>
public sealed record Modulation(ModulationKind Type, double From, double To, double Weight, int Pairs = 1)
{
    /// <summary>The most mask pairs a sample and step.</summary>
    public const int MostPairs = 64;


    /// <summary>k1 and k2: how many of n players the smaller and the larger mask have, k1 &lt; k2.</summary>
    public (int Smaller, int Larger) Sizes(int players) =>
        ((int)Math.Round(From * players, MidpointRounding.AwayFromZero), (int)Math.Round(To * players, MidpointRounding.AwayFromZero));

    /// <summary>Masked copies of a sample that one step runs; all of k2 and none of k1 players have one mask each.</summary>
    [JsonIgnore]
    public int Copies => (From == 0 ? 1 : Pairs) + (To == 1 ? 1 : Pairs);
}

/// <summary>
/// L+ or L- of one step. For each sample random nested pairs S1 ⊆ S2 are drawn, Δu_c = mean v_c(S2) - (k2/k1) mean v_c(S1)
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
    private readonly int _smallerCopies;
    private readonly int _largerCopies;

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

        ArgumentOutOfRangeException.ThrowIfLessThan(modulation.Pairs, 1, nameof(modulation));
        _smallerCopies = _smaller == 0 ? 1 : modulation.Pairs;
        _largerCopies = _larger == masks.Players ? 1 : modulation.Pairs;
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
        var masked = cat([_masks.Mask(step.Inputs, larger, _largerCopies), _masks.Mask(step.Inputs, smaller, _smallerCopies)], 0);
        var both = network.Logits(masked, ForwardMode.Inference);
        var coefficient = _smaller == 0 ? 1 : (double)_larger / _smaller;
        var difference = Mean(both, 0, rows, _largerCopies) - (Mean(both, rows * _largerCopies, rows, _smallerCopies) * coefficient);
        if (_modulation.Type == ModulationKind.Encourage)
        {
            return nn.functional.cross_entropy(difference, step.Labels);
        }

        var logarithms = difference.log_softmax(1);
        return (logarithms.exp() * logarithms).sum(1).mean();
    }

    // Rows of one sample's copies lie together.
    private static Tensor Mean(Tensor logits, int start, int rows, int copies)
    {
        var part = logits.narrow(0, start, rows * copies);
        return copies == 1 ? part : part.reshape(rows, copies, -1).mean([1]);
    }

    private (bool[] Smaller, bool[] Larger) Draw(int rows, PortableRandom random)
    {
        var players = _masks.Players;
        var (smaller, larger) = (new bool[rows * _smallerCopies * players], new bool[rows * _largerCopies * players]);
        for (var row = 0; row < rows; row++)
        {
            for (var pair = 0; pair < _modulation.Pairs; pair++)
            {
                // A random order whose first k1 players are S1 and first k2 are S2. What all pairs share is written over.
                var order = random.Draw(Enumerable.Range(0, players), _larger);
                var small = smaller.AsSpan(((row * _smallerCopies) + Math.Min(pair, _smallerCopies - 1)) * players, players);
                var large = larger.AsSpan(((row * _largerCopies) + Math.Min(pair, _largerCopies - 1)) * players, players);
                for (var k = 0; k < _larger; k++)
                {
                    large[order[k]] = true;
                    small[order[k]] = k < _smaller;
                }
            }
        }

        return (smaller, larger);
    }
}
