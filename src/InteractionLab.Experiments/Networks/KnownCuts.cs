using System.Collections.Concurrent;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// What there is at the cuts of models. A fact of the file, found by running its head and a few masks; remembered, since a
/// spec is looked at many times before it becomes a job.
/// </summary>
internal static class KnownCuts
{
    private const int MostKnown = 500;
    private static readonly ConcurrentDictionary<(string Sha256, string Shape, string Cut), (CutDescription? Found, string? Refusal)> Known = new();

    /// <summary>What is at a cut, or why the model cannot be cut there.</summary>
    public static (CutDescription? Found, string? Refusal) Find(CatalogModel model, OutputAsk ask, IReadOnlyList<int> sampleShape, string cut)
    {
        if (Known.Count > MostKnown)
        {
            Known.Clear();
        }

        var file = NetworkFile.Of(model, ask);
        return Known.GetOrAdd((file.Key, Shapes.Show(sampleShape), cut), _ => Look(file, sampleShape, cut));
    }

    private static (CutDescription? Found, string? Refusal) Look(NetworkFile model, IReadOnlyList<int> sampleShape, string cut)
    {
        try
        {
            return (ModelCuts.Describe(model.Open(), sampleShape, cut), null);
        }
        catch (ModelRejectedException refusal)
        {
            return (null, refusal.Message);
        }
    }
}
