using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Pruning.Structured;

/// <summary>One node, as the rule of its operator sees it.</summary>
internal sealed class NodeScope(NodeProto node, int index, ChannelGraph graph)
{
    public NodeProto Node => node;

    public ChannelGraph Graph => graph;

    public long Opset => graph.Opset;

    public ChannelLabels Labels => graph.Labels;

    public bool Has(int input) => input < node.Input.Count && node.Input[input].Length > 0;

    /// <summary>The tensor of an input, or null where it is absent or its shape unknown.</summary>
    public Flow? In(int input) => Has(input) ? graph.Tensor(node.Input[input]) : null;

    /// <summary>The tensor of an output, or null where it is unused or its shape unknown.</summary>
    public Flow? Out(int output) => output < node.Output.Count && node.Output[output].Length > 0 ? graph.Tensor(node.Output[output]) : null;

    /// <summary>Whether anything reads the output.</summary>
    public bool IsRead(int output) => output < node.Output.Count && graph.IsRead(node.Output[output]);

    /// <summary>The integers of a constant input; null where it is absent or computed.</summary>
    public long[]? Integers(int input) => Has(input) ? graph.Constants.Integers(node.Input[input]) : null;

    /// <summary>The one number of a constant input, or null.</summary>
    public double? Number(int input) =>
        !Has(input) ? null
        : graph.Constants.Weights(node.Input[input]) is { } tensor ? (WeightBytes.Values(tensor) is [var value] ? value : null)
        : graph.Constants.Integers(node.Input[input]) is [var integer] ? integer : null;

    public long Attribute(string name, long otherwise) => Find(name) is { HasI: true } attribute ? attribute.I : otherwise;

    public string Attribute(string name, string otherwise) => Find(name) is { HasS: true } attribute ? attribute.S.ToStringUtf8() : otherwise;

    public long[]? Attributes(string name) => Find(name) is { } attribute ? [.. attribute.Ints] : null;

    /// <summary>An axis counted from the front.</summary>
    public static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    /// <summary>
    /// Labels an axis of an output. Zero: see <see cref="Flow.Zero"/>. Labels on an axis of size 1, or in a number that
    /// contradicts the inferred shape, are frozen.
    /// </summary>
    public void Carry(Flow output, int axis, int[][]? sets, bool zero)
    {
        if (sets is null)
        {
            return;
        }

        if (output.Shape[axis] == 1 || sets.Length != output.Shape[axis])
        {
            Labels.Freeze(sets);
            return;
        }

        output.Axes[axis] = sets;
        output.Zero[axis] = zero;
    }

    /// <summary>Nothing is removed along any axis of a tensor.</summary>
    public void Freeze(Flow? tensor)
    {
        foreach (var axis in tensor?.Axes ?? [])
        {
            Labels.Freeze(axis);
        }
    }

    /// <summary>Two tensors are multiplied and summed along an axis of each.</summary>
    public void Contract(Flow one, int axis, Flow other, int otherAxis)
    {
        Labels.Unite(one.Axes[axis], other.Axes[otherAxis]);
        if (!one.Zero[axis] && !other.Zero[otherAxis])
        {
            // Neither operand has parameters that zeroing would silence: what the index adds to the sum stays.
            Labels.Freeze(one.Axes[axis]);
            Labels.Freeze(other.Axes[otherAxis]);
        }
    }

    /// <summary>Registers what must change in the node when channels are removed.</summary>
    public void Edit(Action<GraphEdit, NodeProto> edit) => graph.Edits.Add(change => edit(change, change.Node(index)));

    private AttributeProto? Find(string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
