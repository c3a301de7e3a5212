using System.Collections.Concurrent;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Inputs;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Experiments.Networks;

/// <summary>The fields by which a spec says how its models are read.</summary>
internal interface IModelFields
{
    /// <summary>What inputs are fed with, by name.</summary>
    IReadOnlyDictionary<string, InputRole>? Inputs { get; }

    /// <summary>The output that holds the scores of the classes.</summary>
    string? Output { get; }

    /// <summary>What the output's numbers are.</summary>
    OutputAs? OutputAs { get; }
}

/// <summary>
/// How models' inputs are fed and their outputs taken (docs/inputs.md, docs/outputs.md). A fact of the file and of what a spec says; remembered, since a spec is
/// looked at many times before it becomes a job.
/// </summary>
internal static class ModelReadings
{
    private const int MostKnown = 1000;
    private static readonly ConcurrentDictionary<(string Sha256, string Ask), (InputReading? Inputs, OutputReading? Reading, ReadingFault? Fault)> Known = new();

    /// <summary>The names of the fields.</summary>
    public static readonly string[] FieldNames = ["inputs", "output", "outputAs"];

    /// <summary>What a spec asks of a model, on samples of a dataset; without a spec nothing but the samples.</summary>
    public static OutputAsk Ask(IModelFields? spec, DatasetSummary? dataset)
    {
        var samples = dataset is null or { Kind: SampleKind.Games } ? null : dataset;
        return new OutputAsk(spec?.Output, spec?.OutputAs, dataset is { Classes: > 0 } ? dataset.Classes : null, samples?.SampleShape)
        {
            Inputs = new InputAsk(spec?.Inputs, samples?.Kind, samples?.SampleShape, samples?.Vocabulary?.Pad),
        };
    }

    /// <summary>What a spec asks of a model, on samples of the dataset it names, which may be missing.</summary>
    public static async Task<OutputAsk> AskAsync(IModelFields spec, string dataset, ILabCatalog catalog, CancellationToken cancellation) =>
        Ask(spec, dataset.Length == 0 ? null : (await catalog.FindDatasetAsync(dataset, cancellation).ConfigureAwait(false))?.Summary);

    /// <summary>How a file is read, or why it cannot be.</summary>
    public static (InputReading? Inputs, OutputReading? Reading, ReadingFault? Fault) Find(string sha256, Func<byte[]> read, OutputAsk ask)
    {
        if (Known.Count > MostKnown)
        {
            Known.Clear();
        }

        return Known.GetOrAdd((sha256.ToUpperInvariant(), ask.ToString()), _ =>
        {
            var model = OnnxModel.Load(read());
            var inputs = ModelInputs.TryRead(model, ask.Inputs, out var fault);
            return (inputs, inputs is null ? null : ModelOutput.TryRead(model, ask, out fault), fault);
        });
    }

    /// <summary>The input that samples go into, of a model that was looked at; null where it cannot be read.</summary>
    public static TensorSummary? InputOf(CatalogModel model, OutputAsk ask)
    {
        try
        {
            return Find(model.Sha256, () => File.ReadAllBytes(model.Path), ask).Inputs?.Sample;
        }
        catch (ModelRejectedException)
        {
            return null;
        }
    }

    /// <summary>How a model named by a field is read; null, with a fault recorded, where it cannot be.</summary>
    public static OutputReading? Check(CatalogModel model, OutputAsk ask, string field, bool isOnly, SpecFaults faults)
    {
        if (!faults.IsClean("inputs"))
        {
            return null;
        }

        try
        {
            var (inputs, reading, fault) = Find(model.Sha256, () => File.ReadAllBytes(model.Path), ask);
            if (inputs is { Sample: var input } && ModelFit.WhyNot(input) is { } why)
            {
                faults.Add(field, why);
                return null;
            }

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

    /// <summary>Reads the fields.</summary>
    public static (IReadOnlyDictionary<string, InputRole>? Inputs, string? Output, OutputAs? As) ReadFields(SpecObject fields) =>
        (ReadInputs(fields.Get("inputs")), fields.Get("output")?.AsText(), fields.Get("outputAs")?.AsEnum<OutputAs>());

    private static Dictionary<string, InputRole>? ReadInputs(SpecValue? value)
    {
        if (value?.AsObject() is not { } given)
        {
            return null;
        }

        var roles = new Dictionary<string, InputRole>(StringComparer.Ordinal);
        foreach (var name in given.Names)
        {
            if (given.Require(name)?.AsEnum<InputRole>() is { } role)
            {
                roles[name] = role;
            }
        }

        if (given.Names.Count == 0)
        {
            value.Value.Fault("must name an input, as in {\"attention_mask\": \"mask\"}");
        }

        return roles.Count == 0 ? null : roles;
    }
}

/// <summary>A network as a file: what a person calls it, the SHA-256 of its bytes, and how it is read.</summary>
internal sealed class NetworkFile
{
    private readonly Func<byte[]> _read;
    private readonly Lazy<OutputReading> _reading;

    /// <summary>Names a file, which is read when it is needed.</summary>
    public NetworkFile(string name, string sha256, Func<byte[]> read, OutputAsk ask)
    {
        (Name, Sha256, _read) = (name, sha256, read);
        _reading = new Lazy<OutputReading>(() => ModelReadings.Find(sha256, read, ask) is var (_, reading, fault) && reading is not null
            ? reading
            : throw new ExperimentException($"The model '{name}' {(fault!.Field is null ? "" : $"cannot be read as {fault.Field} says: ")}{fault.Why}."));
    }

    /// <summary>What a person calls it.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of its bytes.</summary>
    public string Sha256 { get; }

    /// <summary>What outputs are kept under: the SHA-256 where the network is run as it is, another name where its inputs or its output are taken for something else.</summary>
    public string Key => _reading.Value.KeyOf(Sha256);

    /// <summary>How its inputs are fed and its output is taken.</summary>
    public OutputReading Reading => _reading.Value;

    /// <summary>A registered model.</summary>
    public static NetworkFile Of(CatalogModel model, OutputAsk ask) => new(model.Name, model.Sha256, () => File.ReadAllBytes(model.Path), ask);

    /// <summary>The network as one that takes samples and gives logits [batch, classes].</summary>
    /// <exception cref="ModelRejectedException">The file is no model.</exception>
    public OnnxModel Open() => ModelOutput.Apply(OnnxModel.Load(_read()), Reading);
}
