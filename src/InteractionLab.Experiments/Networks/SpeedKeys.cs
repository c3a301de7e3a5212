using System.Collections.Concurrent;
using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Networks;

/// <summary>Speed keys of files that were read before, so that outputs are found in the cache without reading them again.</summary>
internal static class SpeedKeys
{
    private const int MostKnown = 1000;
    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);

    /// <summary>The key of a network (<see cref="SpeedKey"/>).</summary>
    public static string Of(NetworkFile network, IReadOnlyList<int> shape, MaskedModelOptions options)
    {
        if (Known.Count > MostKnown)
        {
            Known.Clear();
        }

        var run = string.Create(CultureInfo.InvariantCulture, $"{network.Key.ToUpperInvariant()} {Shapes.Show(shape)} {options.Executor} {options.Device} {options.Threads ?? ProcessorShare.Threads} {options.Value} {options.Cut}");
        return Known.GetOrAdd(run, _ => SpeedKey.Of(network.Open(), shape, options));
    }
}
