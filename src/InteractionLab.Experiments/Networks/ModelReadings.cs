using System.Collections.Concurrent;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// How models' outputs are taken (docs/outputs.md). A fact of the file and of what a spec says; remembered, since a spec is
/// looked at many times before it becomes a job.
/// </summary>
internal static class ModelReadings
{
    private const int MostKnown = 1000;
    private static readonly ConcurrentDictionary<(string Sha256, string Ask), (OutputReading? Reading, OutputFault? Fault)> Known = new();

    /// <summary>What a spec asks of a model's output, on samples of a dataset.</summary>
    public static OutputAsk Ask(string? output, OutputAs? outputAs, DatasetSummary? dataset) =>
        new(output, outputAs, dataset is { Classes: > 0 } ? dataset.Classes : null, dataset is null or { Kind: SampleKind.Games } ? null : dataset.SampleShape);

    /// <summary>What a spec asks of a model's output, on samples of the dataset it names, which may be missing.</summary>
    public static async Task<OutputAsk> AskAsync(string? output, OutputAs? outputAs, string dataset, ILabCatalog catalog, CancellationToken cancellation) =>
        Ask(output, outputAs, dataset.Length == 0 ? null : (await catalog.FindDatasetAsync(dataset, cancellation).ConfigureAwait(false))?.Summary);

    /// <summary>How a file's output is taken, or why it cannot be.</summary>
    public static (OutputReading? Reading, OutputFault? Fault) Find(string sha256, Func<byte[]> read, OutputAsk ask)
    {
        if (Known.Count > MostKnown)
        {
            Known.Clear();
        }

        return Known.GetOrAdd((sha256.ToUpperInvariant(), ask.ToString()), _ =>
            (ModelOutput.TryRead(OnnxModel.Load(read()), ask, out var fault), fault));
    }

    /// <summary>How the output of a model named by a field is taken; null, with a fault recorded, where it cannot be.</summary>
    public static OutputReading? Check(CatalogModel model, OutputAsk ask, string field, bool isOnly, SpecFaults faults)
    {
        try
        {
            var (reading, fault) = Find(model.Sha256, () => File.ReadAllBytes(model.Path), ask);
            if (fault is not null)
            {
                var whose = fault.Field is null || isOnly ? "" : $"the model at '{field}': ";
                faults.Add(fault.Field ?? field, whose + fault.Why);
            }

            return reading;
        }
        catch (ModelRejectedException refusal)
        {
            faults.Add(field, refusal.Message);
            return null;
        }
    }

    /// <summary>Reads the two fields.</summary>
    public static (string? Output, OutputAs? As) ReadFields(SpecObject fields) => (fields.Get("output")?.AsText(), fields.Get("outputAs")?.AsEnum<OutputAs>());
}

/// <summary>A network as a file: what a person calls it, the SHA-256 of its bytes, and how its output is taken.</summary>
internal sealed class NetworkFile
{
    private readonly Func<byte[]> _read;
    private readonly Lazy<OutputReading> _reading;

    /// <summary>Names a file, which is read when it is needed.</summary>
    public NetworkFile(string name, string sha256, Func<byte[]> read, OutputAsk ask)
    {
        (Name, Sha256, _read) = (name, sha256, read);
        _reading = new Lazy<OutputReading>(() => ModelReadings.Find(sha256, read, ask) is var (reading, fault) && reading is not null
            ? reading
            : throw new ExperimentException($"The model '{name}' {(fault!.Field is null ? "" : $"cannot be read as {fault.Field} says: ")}{fault.Why}."));
    }

    /// <summary>What a person calls it.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of its bytes.</summary>
    public string Sha256 { get; }

    /// <summary>What outputs are kept under: the SHA-256 where the output is plain logits, another name where it is taken for something else.</summary>
    public string Key => _reading.Value.KeyOf(Sha256);

    /// <summary>How its output is taken.</summary>
    public OutputReading Reading => _reading.Value;

    /// <summary>A registered model.</summary>
    public static NetworkFile Of(CatalogModel model, OutputAsk ask) => new(model.Name, model.Sha256, () => File.ReadAllBytes(model.Path), ask);

    /// <summary>The network as one that gives logits [batch, classes].</summary>
    /// <exception cref="ModelRejectedException">The file is no model.</exception>
    public OnnxModel Open() => ModelOutput.Apply(OnnxModel.Load(_read()), Reading);
}
