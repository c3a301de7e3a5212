using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Games;

/// <summary>A pair's cell: the joint evidence as its header, both decompositions as its arrays.</summary>
internal static class PairCell
{
    /// <summary>The bytes of a cell.</summary>
    public static byte[] ToBytes(int a, int b, JointDecomposition joint) => CellFile.Write(
        new PairResult(a, b, joint.Objective, joint.LowerBound, joint.Gap, joint.Iterations, joint.Converged, joint.Note),
        ("andA", joint.First.And),
        ("orA", joint.First.Or),
        ("andB", joint.Second.And),
        ("orB", joint.Second.Or));

    /// <summary>Reads a cell and checks it.</summary>
    public static PairDetail Read(Stream stream)
    {
        var (result, arrays) = CellFile.Read<PairResult>(stream);
        return new PairDetail
        {
            A = result.A,
            B = result.B,
            JointObjective = result.JointObjective,
            JointLowerBound = result.JointLowerBound,
            AndA = arrays["andA"],
            OrA = arrays["orA"],
            AndB = arrays["andB"],
            OrB = arrays["orB"],
        };
    }
}
