using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training.Terms;

/// <summary>What training makes small beside cross-entropy; terms of weight 0 do not exist.</summary>
/// <param name="Units">Which player owns each cell of a sample, the same for every sample.</param>
/// <param name="Absent">What cells of absent players become, one value a cell.</param>
/// <param name="Modulations">Losses on the orders of interactions.</param>
/// <param name="Penalty">The penalty on interactions that do not generalize; null for none.</param>
/// <param name="Reference">The model that decides which generalize; null without a penalty.</param>
public sealed record LossTerms(PlayerLayout Units, ReadOnlyMemory<float> Absent, IReadOnlyList<Modulation> Modulations, Penalty? Penalty = null, OnnxModel? Reference = null)
{
    /// <summary>
    /// The work of one epoch in forward passes of one sample: a modulation runs masked copies of every sample (<see cref="Modulation.Copies"/>), the
    /// penalty all maskings of a few samples a step; each counts three times for the gradient, and the reference once.
    /// </summary>
    /// <param name="modulations">The modulations.</param>
    /// <param name="penalty">The penalty, or null.</param>
    /// <param name="samples">Training samples.</param>
    /// <param name="batchSize">Samples a step.</param>
    public static long PassesOfEpoch(IEnumerable<Modulation> modulations, Penalty? penalty, long samples, int batchSize)
    {
        var modulated = 3 * samples * modulations.Where(modulation => modulation.Weight > 0).Sum(modulation => (long)modulation.Copies);
        if (penalty is not { Weight: > 0 })
        {
            return modulated;
        }

        var looked = (samples / batchSize * Math.Min(penalty.Samples, batchSize)) + Math.Min(penalty.Samples, samples % batchSize);
        return modulated + ((4 * looked) << penalty.Players);
    }

    /// <summary>Opens the terms on a device.</summary>
    internal OpenTerms Open(DeviceKind kind, Device device)
    {
        var masks = new MaskedBatches(Units, Absent.Span, device);
        TorchNetwork? reference = null;
        try
        {
            var terms = new List<ILossTerm>();
            foreach (var (number, modulation) in Modulations.Index().Where(item => item.Item.Weight > 0))
            {
                terms.Add(new ModulationTerm(modulation, masks, number));
            }

            if (Penalty is { Weight: > 0 } penalty)
            {
                reference = TorchNetwork.Load(Reference ?? throw new ArgumentException("A penalty needs a reference model."), new TorchOptions(kind));
                terms.Add(new PenaltyTerm(penalty, reference, Units, Absent, Modulations.Count));
            }

            return new OpenTerms(terms, masks, reference);
        }
        catch
        {
            masks.Dispose();
            reference?.Dispose();
            throw;
        }
    }
}

/// <summary>Loss terms with what they own.</summary>
internal sealed class OpenTerms(IReadOnlyList<ILossTerm> terms, MaskedBatches? masks, TorchNetwork? reference) : IDisposable
{
    /// <summary>No terms.</summary>
    public static OpenTerms None => new([], null, null);

    /// <summary>The terms, all with a weight above 0.</summary>
    public IReadOnlyList<ILossTerm> Terms => terms;

    /// <inheritdoc/>
    public void Dispose()
    {
        masks?.Dispose();
        reference?.Dispose();
    }
}
