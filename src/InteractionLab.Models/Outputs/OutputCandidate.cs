using System.Globalization;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Outputs;

/// <summary>An output of a model, as far as it can hold logits.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Tensor">The tensor it gives; of a ZipMap, the table that it makes maps of.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its shape; empty where nothing is known of it.</param>
internal sealed record OutputCandidate(string Name, string Tensor, string Type, IReadOnlyList<long?> Shape)
{
    /// <summary>Whether the numbers are reals, as scores of classes are.</summary>
    public bool IsReal => Type is "float32" or "float64" or "float16";

    /// <summary>Whether the shape says by itself how many numbers there are for a sample, or that it cannot be classes.</summary>
    public bool IsClear => Shape.Count > 0 && Shape.Skip(1).All(side => side is not null);

    /// <summary>Numbers a sample: of the sides behind the batch at most one may be more than 1. Null where not known, or where there are more.</summary>
    public int? Units => IsClear && Sides.Count() <= 1 ? (int?)Shape.Skip(1).Aggregate(1L, (product, side) => product * side!.Value) : null;

    /// <summary>Whether it can be [batch, classes], with sides of 1 or without.</summary>
    public bool Fits => IsReal && (Shape.Count is 0 or 2 || (Shape.Count >= 1 && Sides.Count() <= 1));

    /// <summary>Whether it can be numbers for every token [batch, length, width].</summary>
    public bool IsOfTokens => IsReal && Shape.Count == 3 && !Fits;

    /// <summary>Name, type and shape, for a message.</summary>
    public string Shown => $"{ModelValidator.Quote(Name)} {Type} [{string.Join(", ", Shape.Select(side => side?.ToString(CultureInfo.InvariantCulture) ?? "?"))}]";

    private IEnumerable<long?> Sides => Shape.Skip(1).Where(side => side != 1);

    /// <summary>The outputs of a model in their order.</summary>
    public static IReadOnlyList<OutputCandidate> Of(OnnxModel model, ModelProto proto)
    {
        var maps = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (var node in proto.Graph.Node.Where(node => node is { OpType: "ZipMap", Domain: "ai.onnx.ml" }))
        {
            maps[node.Output[0]] = node;
        }

        return [.. model.Summary.Outputs.Select(output => maps.TryGetValue(output.Name, out var map)
            ? new OutputCandidate(output.Name, map.Input[0], "float32", [null, Labels(map)])
            : new OutputCandidate(output.Name, output.Name, output.Type, output.Shape))];
    }

    private static long? Labels(NodeProto map) => map.Attribute.Sum(attribute => attribute.Name switch
    {
        "classlabels_int64s" => attribute.Ints.Count,
        "classlabels_strings" => attribute.Strings.Count,
        _ => 0,
    }) is > 0 and var count ? count : null;
}
