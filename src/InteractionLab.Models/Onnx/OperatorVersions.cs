using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// The one version of each operator set that nodes from several functions can be written for together: the highest, where
/// no operator used below it has changed its meaning since.
/// </summary>
internal sealed class OperatorVersions
{
    /// <summary>
    /// Versions in which a node as it was written before became invalid or came to mean something else, from the changelog of
    /// ONNX's operators. Versions that only widened types or added an optional input or attribute are not among them.
    /// </summary>
    private static readonly Dictionary<string, long[]> Changes = new(StringComparer.Ordinal)
    {
        ["BatchNormalization"] = [7, 9, 14],
        ["Cast"] = [6],
        ["Clip"] = [6, 11],
        ["Dropout"] = [7, 12],
        ["Gemm"] = [7],
        ["GroupNormalization"] = [21],
        ["Hardmax"] = [13],
        ["LogSoftmax"] = [13],
        ["Pad"] = [11],
        ["ReduceL1"] = [18],
        ["ReduceL2"] = [18],
        ["ReduceLogSum"] = [18],
        ["ReduceLogSumExp"] = [18],
        ["ReduceMax"] = [18],
        ["ReduceMean"] = [18],
        ["ReduceMin"] = [18],
        ["ReduceProd"] = [18],
        ["ReduceSum"] = [13],
        ["ReduceSumSquare"] = [18],
        ["Reshape"] = [5],
        ["Resize"] = [11],
        ["Scan"] = [9],
        ["Scatter"] = [11],
        ["Slice"] = [10],
        ["Softmax"] = [13],
        ["Split"] = [13, 18],
        ["Squeeze"] = [13],
        ["TopK"] = [10],
        ["Unsqueeze"] = [13],
        ["Upsample"] = [9, 10],
    };

    private readonly List<(string Operator, long Version, string Function)> used = [];
    private readonly Dictionary<string, long> foreign = new(StringComparer.Ordinal);

    public OperatorVersions(IEnumerable<OperatorSetIdProto> model) => OfModel = Of(model, new Dictionary<string, long>());

    /// <summary>The versions that the model imports, by domain.</summary>
    public IReadOnlyDictionary<string, long> OfModel { get; }

    /// <summary>The versions that a function imports; of what it does not import those of its caller.</summary>
    public static IReadOnlyDictionary<string, long> Of(IEnumerable<OperatorSetIdProto> imports, IReadOnlyDictionary<string, long> caller)
    {
        var versions = new Dictionary<string, long>(caller, StringComparer.Ordinal);
        foreach (var import in imports)
        {
            versions[Domain(import.Domain)] = import.Version;
        }

        return versions;
    }

    /// <summary>Notes a node that stays in the model.</summary>
    /// <exception cref="ModelRejectedException">Its domain is used in two versions.</exception>
    public void Use(NodeProto node, IReadOnlyDictionary<string, long> versions, string function)
    {
        var domain = Domain(node.Domain);
        var version = versions.GetValueOrDefault(domain, 1);
        if (domain.Length == 0)
        {
            used.Add((node.OpType, version, function));
        }
        else if (!foreign.TryAdd(domain, version) && foreign[domain] != version)
        {
            throw new ModelRejectedException($"The model's functions use versions {foreign[domain]} and {version} of the operators {ModelValidator.Quote(domain)}; export it with one.");
        }
    }

    /// <summary>Gives a model the imports that its nodes need.</summary>
    /// <exception cref="ModelRejectedException">An operator changed between two versions that are used; it is named.</exception>
    public void Apply(ModelProto model)
    {
        var common = used.Select(node => node.Version).Append(OfModel[""]).Max();
        var changed = used.FirstOrDefault(node => Changes.GetValueOrDefault(node.Operator, []).Any(version => version > node.Version && version <= common));
        if (changed.Operator is not null)
        {
            var where = changed.Function.Length == 0 ? "its graph" : $"its function {ModelValidator.Quote(changed.Function)}";
            throw new ModelRejectedException($"The model mixes ONNX operator sets {changed.Version} and {common}, and the operator {ModelValidator.Quote(changed.Operator)} in {where} changed between them; export it with one operator set.");
        }

        model.OpsetImport.Clear();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = common });
        model.OpsetImport.Add(foreign.Select(pair => new OperatorSetIdProto { Domain = pair.Key, Version = pair.Value }));
    }

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;
}
