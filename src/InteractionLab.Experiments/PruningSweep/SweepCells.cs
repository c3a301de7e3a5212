using System.Collections.Concurrent;
using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>What a decomposition says of itself.</summary>
internal sealed record Evidence(
    double Span, double Maximum, double Objective, double LowerBound, double Gap, double MatchError, int Iterations, bool Converged, string? Note)
{
    public static Evidence Of(Decomposition d) =>
        new(d.Span, Effects.From(d).Maximum(), d.Objective, d.LowerBound, d.Gap, d.MatchError, d.Iterations, d.Converged, d.Note);
}

/// <summary>A place of a base cell.</summary>
/// <param name="Index">The sample; -1 where there was no further one of the kind asked for.</param>
/// <param name="Label">Its class.</param>
/// <param name="Target">The class y of v.</param>
/// <param name="Players">What player i is.</param>
/// <param name="Predictions">By network: the model, then the references.</param>
/// <param name="Decompositions">By network; null for the model where it is decomposed with each pruned one.</param>
internal sealed record BaseSample(int Index, int? Label, int Target, int[] Players, int[] Predictions, Evidence?[] Decompositions)
{
    public bool IsAbsent => Index < 0;

    public static BaseSample Absent { get; } = new(-1, null, 0, [], [], []);
}

/// <summary>A base cell without its arrays (<see cref="SweepArrays"/>).</summary>
internal sealed record BaseBlock(long ForwardPasses, long SavedPasses, IReadOnlyList<string> RunNotes, IReadOnlyList<BaseSample> Samples);

/// <summary>A place of a cell with a pruned network.</summary>
/// <param name="Index">The sample, or -1.</param>
/// <param name="Prediction">What the pruned network predicts.</param>
/// <param name="Original">The model's part of a joint decomposition; null where it was decomposed by itself.</param>
/// <param name="Pruned">The pruned network's decomposition.</param>
/// <param name="PairGap">The relative gap of the pair; null where there is no joint decomposition.</param>
/// <param name="PairConverged">Whether the pair reached the gap asked for.</param>
internal sealed record PrunedSample(int Index, int Prediction, Evidence? Original, Evidence Pruned, double? PairGap, bool PairConverged);

/// <summary>A cell with a pruned network, without its arrays. Samples are null at absent places.</summary>
internal sealed record PrunedBlock(
    long ForwardPasses, long SavedPasses, IReadOnlyList<string> RunNotes, double Achieved, long? Parameters, string Sha256, string? Model, IReadOnlyList<PrunedSample?> Samples);

/// <summary>A cell of evaluation samples.</summary>
/// <param name="ForwardPasses">Rows run.</param>
/// <param name="SavedPasses">Rows found.</param>
/// <param name="Correct">How many are classified correctly.</param>
/// <param name="Loss">Summed cross-entropy.</param>
internal sealed record EvaluationCell(long ForwardPasses, long SavedPasses, int Correct, double Loss);

/// <summary>The arrays of a cell by place and network: v, and I^and, I^or, δ of a decomposition.</summary>
internal sealed class SweepArrays
{
    // Decompositions are added while the next network plays.
    private readonly ConcurrentDictionary<string, double[]> _arrays;

    /// <summary>No arrays yet.</summary>
    public SweepArrays() => _arrays = new ConcurrentDictionary<string, double[]>(StringComparer.Ordinal);

    /// <summary>The arrays of a cell.</summary>
    public SweepArrays(IReadOnlyDictionary<string, double[]> arrays) => _arrays = new ConcurrentDictionary<string, double[]>(arrays, StringComparer.Ordinal);

    /// <summary>The name of the pruned network among a cell's networks; base cells count theirs from 0.</summary>
    public const int Pruned = -1;

    /// <summary>The arrays in a fixed order, for writing.</summary>
    public (string Name, double[] Values)[] Sorted() =>
        [.. _arrays.OrderBy(array => array.Key, StringComparer.Ordinal).Select(array => (array.Key, array.Value))];

    public double[] V(int place, int network) => _arrays[Name("v", place, network)];

    public Effects Effects(int place, int network) => new(_arrays[Name("and", place, network)], _arrays[Name("or", place, network)]);

    public double[] Delta(int place, int network) => _arrays[Name("delta", place, network)];

    public void AddValues(int place, int network, double[] v) => _arrays[Name("v", place, network)] = v;

    public Decomposition AddDecomposition(int place, int network, Decomposition d)
    {
        _arrays[Name("and", place, network)] = d.And;
        _arrays[Name("or", place, network)] = d.Or;
        _arrays[Name("delta", place, network)] = d.Delta;
        return d;
    }

    private static string Name(string part, int place, int network) => FormattableString.Invariant($"{part} {place} {network}");
}

/// <summary>A cell of a sweep, whole.</summary>
internal sealed record SweepCell<T>(T Header, SweepArrays Arrays)
{
    public byte[] ToBytes() => CellFile.Write(Header, Arrays.Sorted());

    public static SweepCell<T> Read(Stream stream)
    {
        var (header, arrays) = CellFile.Read<T>(stream);
        return new SweepCell<T>(header, new SweepArrays(arrays));
    }
}
