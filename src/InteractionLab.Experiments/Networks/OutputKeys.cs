using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Torch;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// Names of outputs: SHA-256 over everything their bits depend on. Two jobs that would compute the same table give it the
/// same name; whatever differs (a weight, a pixel, a player's cell, the baseline, the device, the rows of a run, the
/// runtime's version) gives another.
/// </summary>
internal sealed class OutputKeys
{
    // To be raised whenever the masked graph, the way it is run or the entries change.
    private const int Version = 3;
    private readonly string _network;
    private readonly string? _mean;
    private readonly string _table;
    private readonly string _shape;
    private readonly string? _batch;
    private readonly string? _target;

    /// <summary>Takes what is the same for all samples.</summary>
    /// <param name="spec">The spec; its cut is null where the input is masked.</param>
    /// <param name="shape">Shape of the samples.</param>
    /// <param name="baseline">What absent cells of the input become; not looked at where there is a cut, where it differs between networks and is named by what it comes from.</param>
    /// <param name="meanOf">Id of the dataset that a mean at a cut is taken over.</param>
    public OutputKeys(NetworkGamesSpec spec, IReadOnlyList<int> shape, float[] baseline, string? meanOf = null)
    {
        _shape = Shapes.Show(shape);
        _network = Describe(spec.Executor, spec.Device);
        _batch = spec.Batch.Number?.ToString(CultureInfo.InvariantCulture) ?? spec.Batch.Word;
        _target = spec.Value?.Target?.Number?.ToString(CultureInfo.InvariantCulture) ?? spec.Value?.Target?.Word;
        _mean = spec.Cut is null ? null : $"cut {spec.Cut}; mean of {meanOf}";
        var from = spec.Cut is null
            ? Hash(MemoryMarshal.AsBytes(baseline.AsSpan()))
            : $"{spec.Baseline!.Type} {string.Join(' ', (spec.Baseline.Value ?? []).Select(number => number.ToString("R", CultureInfo.InvariantCulture)))} {(spec.Baseline.Type == BaselineKind.DatasetMean ? meanOf : null)}";
        _table = $"cut {spec.Cut}; baseline {from}; value {spec.Value?.Type}";
    }

    /// <summary>The name of a network's logits on an unmasked sample.</summary>
    public string Logits(string modelSha256, Sample sample) => Name($"logits; {Sample(modelSha256, sample)}");

    /// <summary>The name of a table v(S) over all masks of a sample; <paramref name="rows"/> of them ran at once.</summary>
    public string Table(string modelSha256, Sample sample, PlayerLayout layout, int target, string rows) =>
        Name(string.Create(CultureInfo.InvariantCulture, $"table; {Sample(modelSha256, sample)}; {_table}; batch {rows}; players {layout.Players} {Hash(layout.PlayerOf)}; target {target}"));

    /// <summary>The name of a network's mean at the cut over the baseline's dataset.</summary>
    public string CutMean(string modelSha256) => Name($"mean; {_network}; model {modelSha256.ToUpperInvariant()}; {_shape}; {_mean}");

    /// <summary>The name of the attribution that chooses a sample's players.</summary>
    public string Attribution(string modelSha256, Sample sample) => Name(string.Create(
        CultureInfo.InvariantCulture, $"attribution {AttributionPlayers.Steps}; {RuntimeOf(ExecutorKind.Torch)}; {Sample(modelSha256, sample)}; {_table}; target {_target} {sample.Label}"));

    /// <summary>The name of a network's scores on rows of samples, run in this order.</summary>
    /// <param name="modelSha256">The network.</param>
    /// <param name="rows">Hash of the samples and their labels.</param>
    public string Rows(string modelSha256, string rows) => Name($"rows; {_network}; batch {_batch}; model {modelSha256.ToUpperInvariant()}; {_shape} {rows}");

    /// <summary>The name of v over the masks of a list, in its order.</summary>
    public string Masks(string modelSha256, Sample sample, PlayerLayout layout, int target, MaskList masks, string rows) =>
        Name($"{Table(modelSha256, sample, layout, target, rows)}; masks {Hash(MemoryMarshal.AsBytes(masks.Bits))}");

    private static Lazy<OnnxRuntimeInfo> Runtime { get; } = new(OnnxRuntimeInfo.Read);

    /// <summary>What runs networks and where, as far as the bits of outputs depend on it.</summary>
    public static string Describe(ExecutorKind executor, DeviceKind device) =>
        string.Create(CultureInfo.InvariantCulture, $"outputs {Version}; {executor} {RuntimeOf(executor)}; {Device(NetworkDevice.Resolve(device, executor.Runs()))}; threads {NetworkDevice.Threads(executor.Runs())}");

    private static string RuntimeOf(ExecutorKind executor) =>
        executor == ExecutorKind.Torch ? TorchInfo.Read(out _)?.Version ?? "" : Runtime.Value.Version;

    /// <summary>The kind and the name: another processor may round otherwise.</summary>
    private static string Device(DeviceKind kind) => $"{kind} {Runtime.Value.Devices.First(device => device.Kind == kind).Name}";

    private string Sample(string modelSha256, Sample sample) =>
        $"{_network}; model {modelSha256.ToUpperInvariant()}; sample {_shape} {Hash(MemoryMarshal.AsBytes(sample.Values.AsSpan()))}";

    private static string Hash(IReadOnlyList<int> values)
    {
        var bytes = new byte[values.Count * sizeof(int)];
        for (var i = 0; i < values.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), values[i]);
        }

        return Hash(bytes);
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Name(string text) => Hash(Encoding.UTF8.GetBytes(text));
}
