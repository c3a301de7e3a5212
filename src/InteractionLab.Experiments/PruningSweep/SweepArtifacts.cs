using InteractionLab.Models.Arrays;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>
/// The arrays of a sweep for NumPy, streamed from the cells when asked for. With P points, K references and S samples, in the
/// order of the result: <c>values.npz</c> holds <c>v_original</c> [S, 2^n], <c>v_references</c> [K, S, 2^n],
/// <c>v_pruned</c> [P, S, 2^n]; <c>interactions.npz</c> holds <c>and_*</c>, <c>or_*</c>, <c>delta_*</c> of
/// <c>references</c> [K, S, 2^n], <c>original</c> and <c>pruned</c> [P, S, 2^n] (the original once a point: in a joint
/// decomposition it depends on its partner) and <c>threshold_original</c> [P, S], <c>threshold_references</c> [K, S]. Both
/// hold <c>ratio</c> [P], <c>index</c>, <c>target</c> [S] and <c>players</c> [S, n].
/// </summary>
internal sealed class SweepArtifacts
{
    private const string Npz = "application/x-npz";
    private readonly SweepLayout _layout;
    private readonly SweepHeaders _headers;
    private readonly IReadOnlyList<double[]> _thresholds;
    private readonly IReadOnlyList<double[]> _referenceThresholds;
    private readonly (int Block, int Place, BaseSample Sample)[] _samples;
    private readonly long _masks;

    private SweepArtifacts(SweepLayout layout, SweepHeaders headers, IReadOnlyList<double[]> thresholds, IReadOnlyList<double[]> referenceThresholds)
    {
        (_layout, _headers, _thresholds, _referenceThresholds) = (layout, headers, thresholds, referenceThresholds);
        _samples = [.. headers.Samples()];
        _masks = 1L << layout.Games.PlayerCount;
    }

    /// <summary>Both files.</summary>
    /// <param name="layout">The job.</param>
    /// <param name="headers">Its finished cells.</param>
    /// <param name="thresholds">By sample and point.</param>
    /// <param name="referenceThresholds">By sample and reference.</param>
    public static IReadOnlyList<ResultArtifact> Of(SweepLayout layout, SweepHeaders headers, IReadOnlyList<double[]> thresholds, IReadOnlyList<double[]> referenceThresholds)
    {
        var arrays = new SweepArtifacts(layout, headers, thresholds, referenceThresholds);
        return
        [
            new("values.npz", Npz, (output, cancellation) => Task.Run(() => arrays.WriteValues(output, cancellation), cancellation)),
            new("interactions.npz", Npz, (output, cancellation) => Task.Run(() => arrays.WriteInteractions(output, cancellation), cancellation)),
        ];
    }

    private void WriteValues(Stream output, CancellationToken cancellation)
    {
        using var npz = new NpzWriter(output, leaveOpen: true);
        var original = npz.Add<double>("v_original", _samples.Length, _masks);
        EachBase((arrays, place) => original.Write(arrays.V(place, 0)), cancellation);
        var references = npz.Add<double>("v_references", _layout.References.Count, _samples.Length, _masks);
        EachReference((arrays, place, m) => references.Write(arrays.V(place, m)), cancellation);
        var pruned = npz.Add<double>("v_pruned", _headers.Points.Count, _samples.Length, _masks);
        EachPruned((_, cell, place) => pruned.Write(cell.V(place, SweepArrays.Pruned)), cancellation);
        WriteIndex(npz);
        npz.Complete();
    }

    private void WriteInteractions(Stream output, CancellationToken cancellation)
    {
        using var npz = new NpzWriter(output, leaveOpen: true);
        (string Name, Func<SweepArrays, int, int, double[]> Of)[] parts =
        [
            ("and", (arrays, place, network) => arrays.Effects(place, network).And),
            ("or", (arrays, place, network) => arrays.Effects(place, network).Or),
            ("delta", (arrays, place, network) => arrays.Delta(place, network)),
        ];
        foreach (var (name, of) in parts)
        {
            var references = npz.Add<double>($"{name}_references", _layout.References.Count, _samples.Length, _masks);
            EachReference((arrays, place, m) => references.Write(of(arrays, place, m)), cancellation);
            var original = npz.Add<double>($"{name}_original", _headers.Points.Count, _samples.Length, _masks);
            var joint = _layout.Spec.Decomposition == DecompositionKind.Joint;
            EachPruned((unpruned, cell, place) => original.Write(of(joint ? cell : unpruned, place, 0)), cancellation);
            var pruned = npz.Add<double>($"{name}_pruned", _headers.Points.Count, _samples.Length, _masks);
            EachPruned((_, cell, place) => pruned.Write(of(cell, place, SweepArrays.Pruned)), cancellation);
        }

        WriteThresholds(npz, "threshold_original", _headers.Points.Count, _thresholds);
        WriteThresholds(npz, "threshold_references", _layout.References.Count, _referenceThresholds);
        WriteIndex(npz);
        npz.Complete();
    }

    private void EachBase(Action<SweepArrays, int> write, CancellationToken cancellation)
    {
        foreach (var block in _samples.GroupBy(at => at.Block))
        {
            cancellation.ThrowIfCancellationRequested();
            var arrays = _headers.ReadBase(block.Key).Arrays;
            foreach (var at in block)
            {
                write(arrays, at.Place);
            }
        }
    }

    private void EachReference(Action<SweepArrays, int, int> write, CancellationToken cancellation)
    {
        for (var m = 1; m <= _layout.References.Count; m++)
        {
            EachBase((arrays, place) => write(arrays, place, m), cancellation);
        }
    }

    private void EachPruned(Action<SweepArrays, SweepArrays, int> write, CancellationToken cancellation)
    {
        foreach (var step in _headers.Points)
        {
            foreach (var block in _samples.GroupBy(at => at.Block))
            {
                cancellation.ThrowIfCancellationRequested();
                var unpruned = _headers.ReadBase(block.Key).Arrays;
                var cell = _headers.ReadPruned(step, block.Key).Arrays;
                foreach (var at in block)
                {
                    write(unpruned, cell, at.Place);
                }
            }
        }
    }

    private void WriteThresholds(NpzWriter npz, string name, int rows, IReadOnlyList<double[]> bySample) =>
        npz.Write<double>(name, [.. Enumerable.Range(0, rows).SelectMany(row => bySample.Select(sample => sample[row]))], rows, _samples.Length);

    private void WriteIndex(NpzWriter npz)
    {
        npz.Write<double>("ratio", [.. _headers.Points.Select(step => _layout.Steps[step].Ratio)]);
        npz.Write<long>("index", [.. _samples.Select(at => (long)at.Sample.Index)]);
        npz.Write<long>("target", [.. _samples.Select(at => (long)at.Sample.Target)]);
        npz.Write<long>("players", [.. _samples.SelectMany(at => at.Sample.Players.Select(player => (long)player))], _samples.Length, _layout.Games.PlayerCount);
    }
}
