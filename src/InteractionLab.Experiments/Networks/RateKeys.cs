using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// Which measurements answer for which work of a network: those of any network of the same structure, whatever its
/// weights, on the same kind of run.
/// </summary>
/// <param name="Structure">What <see cref="Of(NetworkFile, IReadOnlyList{int})"/> made of the graph.</param>
/// <param name="Run">Executor and device.</param>
/// <param name="Batch">Rows of a run, as asked for.</param>
internal sealed record RateKeys(string Structure, string Run, string Batch)
{
    private const int MostKnown = 1000;
    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);

    /// <summary>The keys of a network in a job.</summary>
    public static RateKeys Of(NetworkFile network, GameSettings spec, IReadOnlyList<int> shape) =>
        new(Of(network, shape), RunOf(spec), BatchOf(spec));

    /// <summary>The keys of a network that runs as it is.</summary>
    public static RateKeys Of(NetworkFile network, IReadOnlyList<int> shape, DeviceKind device) => new(Of(network, shape), $"{ExecutorKind.Onnxruntime} {device}", "auto");

    /// <summary>The keys of a network that is open.</summary>
    public static RateKeys Of(OnnxModel model, GameSettings spec, IReadOnlyList<int> shape) =>
        new($"{Describe(model)} {Shapes.Show(shape)}", RunOf(spec), BatchOf(spec));

    /// <summary>Masked rows.</summary>
    public string Rows => $"rows {Structure} {Run} {Batch}";

    /// <summary>Unmasked rows one by one.</summary>
    public string Single => $"single {Structure} {Run}";

    /// <summary>Opening the masked model: the graph's surgery, its sessions, the probing of batches.</summary>
    public string Open => $"open {Structure} {Run} {Batch}";

    /// <summary>Unmasked rows, many at once.</summary>
    public string Classify => $"classify {Structure} {Run} {Batch}";

    /// <summary>Opening the network as it is.</summary>
    public string OpenPlain => $"open-plain {Structure} {Run}";

    /// <summary>Choosing a sample's players by integrated gradients.</summary>
    public string Attribution => $"attribution {Structure} {Run}";

    /// <summary>Opening the network for gradients.</summary>
    public string OpenGradients => $"open-gradients {Structure} {Run}";

    /// <summary>Steps of an attack on a sample.</summary>
    public string Attack => $"attack {Structure} {Run}";

    /// <summary>Decompositions of its games.</summary>
    public string Solve(InteractionsSpec spec, int players, bool joint = false, int together = 1) => $"{SolverWork.Key(spec, players, joint, together)} of {Structure} {Run}";

    /// <summary>Rows of the head of a network that is cut, many at once.</summary>
    public string Head => $"head {Structure} {Run} {Batch}";

    // Behind a cut a row is another amount of work.
    private static string RunOf(GameSettings spec) => $"{spec.Executor} {spec.Device}{(spec.Cut is null ? "" : $" cut {spec.Cut}")}";

    private static string BatchOf(GameSettings spec) => spec.Batch.Number?.ToString(CultureInfo.InvariantCulture) ?? spec.Batch.Word!;

    private static string Of(NetworkFile network, IReadOnlyList<int> shape)
    {
        if (Known.Count > MostKnown)
        {
            Known.Clear();
        }

        return $"{Known.GetOrAdd(network.Key.ToUpperInvariant(), _ => Describe(network.Open()))} {Shapes.Show(shape)}";
    }

    /// <summary>Operators and the shapes of what they give: enough to say how long a run takes.</summary>
    private static string Describe(OnnxModel model)
    {
        var text = new StringBuilder();
        foreach (var node in model.Nodes)
        {
            text.Append(node.OpType).Append(node.OutputShape is null ? "?" : Shapes.Show(node.OutputShape)).Append(';');
        }

        text.Append(model.Summary.Parameters);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
