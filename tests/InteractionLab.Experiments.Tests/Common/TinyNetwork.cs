using static InteractionLab.Experiments.Tests.Common.OnnxWriter;

namespace InteractionLab.Experiments.Tests.Common;

/// <summary>
/// A small network written as an ONNX file by hand: Flatten, a hidden layer with ReLU, logits. Its weights come from a
/// fixed formula, so nothing outside the tests is needed.
/// </summary>
internal static class TinyNetwork
{
    private const int Hidden = 12;

    /// <summary>The file of a network for samples of a shape.</summary>
    public static byte[] Onnx(int[] sampleShape, int classes, int inputType = 1, double scale = 1)
    {
        var cells = sampleShape.Aggregate(1, (a, b) => a * b);
        byte[][] flat = inputType == 1
            ? [Field(1, Node("Flatten", ["x"], "flat"))]
            : [Field(1, Node("Flatten", ["x"], "cells")), Field(1, Node("Cast", ["cells"], "flat", Integer("to", 1)))];
        var graph = Message(
            [.. flat,
            Field(1, Node("MatMul", ["flat", "w1"], "h")),
            Field(1, Node("Add", ["h", "b1"], "hb")),
            Field(1, Node("Relu", ["hb"], "r")),
            Field(1, Node("MatMul", ["r", "w2"], "logits")),
            Field(2, Text("tiny")),
            Field(5, Tensor("w1", [cells, Hidden], i => (float)(scale * Math.Sin((i * 0.7) + 1) / Math.Sqrt(cells)))),
            Field(5, Tensor("b1", [Hidden], i => (float)(0.3 * Math.Cos(i)))),
            Field(5, Tensor("w2", [Hidden, classes], i => (float)Math.Cos((i * 1.3) + 0.5))),
            Field(11, ValueInfo("x", inputType, [null, .. sampleShape])),
            Field(12, ValueInfo("logits", 1, [null, classes]))]);
        return Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13))));
    }

    /// <summary>
    /// Rows whose columns stand in groups of equal size: logit 1 is the sum over groups of max(0, sum of the group - its
    /// threshold), logit 0 is 0.
    /// </summary>
    public static byte[] Groups(int[] thresholds, int size)
    {
        var (cells, groups) = (thresholds.Length * size, thresholds.Length);
        var graph = Message(
            Field(1, Node("MatMul", ["x", "w1"], "h")),
            Field(1, Node("Add", ["h", "b1"], "hb")),
            Field(1, Node("Relu", ["hb"], "r")),
            Field(1, Node("MatMul", ["r", "w2"], "logits")),
            Field(2, Text("groups")),
            Field(5, Tensor("w1", [cells, groups], i => i / groups / size == i % groups ? 1 : 0)),
            Field(5, Tensor("b1", [groups], i => -thresholds[i])),
            Field(5, Tensor("w2", [groups, 2], i => i % 2)),
            Field(11, ValueInfo("x", 1, [null, cells])),
            Field(12, ValueInfo("logits", 1, [null, 2])));
        return Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13))));
    }

    /// <summary>Rows of six under batch normalisation to three logits.</summary>
    public static byte[] Normalised()
    {
        var graph = Message(
            Field(1, Node("BatchNormalization", ["x", "scale", "bias", "mean", "var"], "norm")),
            Field(1, Node("MatMul", ["norm", "w"], "logits")),
            Field(2, Text("normalised")),
            Field(5, Tensor("w", [6, 3], i => (float)Math.Sin(i))),
            Field(5, Tensor("scale", [6], _ => 1)),
            Field(5, Tensor("bias", [6], i => 0.1f * i)),
            Field(5, Tensor("mean", [6], _ => 0)),
            Field(5, Tensor("var", [6], _ => 1)),
            Field(11, ValueInfo("x", 1, [null, 6])),
            Field(12, ValueInfo("logits", 1, [null, 3])));
        return Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13))));
    }
}
