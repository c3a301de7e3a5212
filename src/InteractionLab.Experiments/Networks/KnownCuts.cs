using System.Collections.Concurrent;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

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
    public static (CutDescription? Found, string? Refusal) Find(CatalogModel model, IReadOnlyList<int> sampleShape, string cut)
    {
        if (Known.Count > MostKnown)
        {
            Known.Clear();
        }

        return Known.GetOrAdd((model.Sha256, Shapes.Show(sampleShape), cut), _ => Look(model, sampleShape, cut));
    }

    private static (CutDescription? Found, string? Refusal) Look(CatalogModel model, IReadOnlyList<int> sampleShape, string cut)
    {
        try
        {
            return (ModelCuts.Describe(OnnxModel.Load(File.ReadAllBytes(model.Path)), sampleShape, cut), null);
        }
        catch (ModelRejectedException refusal)
        {
            return (null, refusal.Message);
        }
    }
}
