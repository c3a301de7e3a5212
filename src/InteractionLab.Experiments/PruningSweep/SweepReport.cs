using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>
/// What the finished cells of a sweep say: thresholds in a first pass over headers, everything else in a second pass that
/// holds the cells of one block at a time.
/// </summary>
internal sealed class SweepReport
{
    // Bounds the interactions listed in a result, over all samples and points.
    private const int MostTop = 20_000;
    private readonly SweepLayout _layout;
    private readonly SweepHeaders _headers;
    private readonly SalienceRule _rule;
    private readonly List<SweepSample> _samples = [];
    private readonly Dictionary<int, double?> _shared;
    private readonly double?[] _sharedReference;
    private readonly PointSums[] _sums;
    private readonly List<double>[] _spans;
    private readonly List<double[]> _thresholds = [];
    private readonly List<double[]> _referenceThresholds = [];
    private readonly int _detailed;

    private SweepReport(SweepLayout layout, SweepHeaders headers)
    {
        (_layout, _headers, _rule) = (layout, headers, layout.Spec.Salience.Options);
        _shared = headers.Points.ToDictionary(step => step, step => headers.SharedThreshold(_rule, step));
        _sharedReference = [null, .. Enumerable.Range(1, layout.References.Count).Select(m => headers.HasBase ? headers.SharedReferenceThreshold(_rule, m) : null)];
        _sums = [.. headers.Points.Select(step => new PointSums(layout, headers, step))];
        _spans = [.. layout.Networks.Select(_ => new List<double>())];
        _detailed = MostTop / (SweepComparison.TopCount * Math.Max(1, headers.Points.Count));
    }

    /// <summary>Reads every finished cell.</summary>
    public static SweepReport Build(SweepLayout layout, ICellSource cells, CancellationToken cancellation)
    {
        var report = new SweepReport(layout, SweepHeaders.Open(layout, cells, cancellation));
        for (var block = 0; block < layout.Blocks; block++)
        {
            if (report._headers.Base[block] is not null)
            {
                report.Add(block, cancellation);
            }
        }

        return report;
    }

    /// <summary>The result, its tables and its artifacts.</summary>
    public ExperimentOutput Output()
    {
        var points = _sums.Select(sums => sums.Close(_shared[sums.Step])).ToArray();
        var result = new PruningSweepResult
        {
            Points = [.. points.Select(point => point.Point)],
            Efficiency = [.. points.Zip(points.Skip(1), (from, to) => new SweepEfficiency(from.Point.Ratio, to.Point.Ratio, PruningMetrics.Efficiency(from.Metrics, to.Metrics)))],
            Phases = Phases(points),
            Networks = [.. _layout.Networks.Select(Describe)],
            Samples = _samples,
            Threshold = Threshold,
            Decomposition = _layout.Spec.Decomposition,
            ForwardPasses = _headers.ForwardPasses,
            SavedPasses = _headers.SavedPasses,
            Finished = _headers.Finished,
            Total = _layout.Keys().Count,
            Notes = Notes(),
        };
        return new ExperimentOutput(result, ClassColumns.Add(SweepTables.Of(result), _layout.Games.Dataset.Summary.ClassNames), SweepArtifacts.Of(_layout, _headers, _thresholds, _referenceThresholds));
    }

    private double? Threshold => _shared.Values.Distinct().ToArray() is [var only] ? only : null;

    private PruningPhase[] Phases((SweepPoint Point, PruningMetrics Metrics)[] points) =>
        points.Length < _layout.Steps.Count || points.Any(point => point.Point.Accuracy is null)
            ? []
            : PruningPhases.Of([.. points.Select(point => new PruningPoint(point.Point.Ratio, point.Point.Accuracy!.Value, point.Metrics))], _layout.Spec.Phases.Thresholds);

    private void Add(int block, CancellationToken cancellation)
    {
        var unpruned = _headers.ReadBase(block);
        var first = _samples.Count;
        var points = unpruned.Header.Samples.Select(_ => new List<SweepSamplePoint>()).ToArray();
        var references = unpruned.Header.Samples.Select((sample, k) => sample.IsAbsent ? [] : ReferencesOf(unpruned, k)).ToArray();
        var thresholds = unpruned.Header.Samples.Select(_ => new List<double>()).ToArray();
        foreach (var sums in _sums)
        {
            cancellation.ThrowIfCancellationRequested();
            var cell = _headers.ReadPruned(sums.Step, block);
            var place = first;
            for (var k = 0; k < points.Length; k++)
            {
                if (!unpruned.Header.Samples[k].IsAbsent)
                {
                    points[k].Add(Compare(unpruned, cell, k, sums, references[k], detailed: place++ < _detailed));
                    thresholds[k].Add(points[k][^1].Threshold);
                }
            }
        }

        for (var k = 0; k < points.Length; k++)
        {
            if (!unpruned.Header.Samples[k].IsAbsent)
            {
                Add(unpruned, k, points[k]);
                _thresholds.Add([.. thresholds[k]]);
                _referenceThresholds.Add([.. references[k].Select(reference => reference.Threshold)]);
            }
        }
    }

    private void Add(SweepCell<BaseBlock> unpruned, int k, IReadOnlyList<SweepSamplePoint> points)
    {
        var sample = unpruned.Header.Samples[k];
        for (var m = 0; m < _spans.Length; m++)
        {
            var v = unpruned.Arrays.V(k, m);
            _spans[m].Add(v[^1] - v[0]);
        }

        var own = unpruned.Arrays.V(k, 0);
        _samples.Add(new SweepSample
        {
            Index = sample.Index,
            Label = sample.Label,
            Target = sample.Target,
            Players = sample.Players,
            Prediction = sample.Predictions[0],
            ReferencePredictions = sample.Predictions[1..],
            VEmpty = own[0],
            VFull = own[^1],
            Points = points,
        });
    }

    private Reference[] ReferencesOf(SweepCell<BaseBlock> unpruned, int k) =>
    [
        .. Enumerable.Range(1, _layout.References.Count).Select(m =>
        {
            var effects = unpruned.Arrays.Effects(k, m);
            return new Reference(effects, _sharedReference[m] ?? ThresholdOf(unpruned.Header.Samples[k].Decompositions[m]!, effects));
        }),
    ];

    private SweepSamplePoint Compare(SweepCell<BaseBlock> unpruned, SweepCell<PrunedBlock> cell, int k, PointSums sums, Reference[] references, bool detailed)
    {
        var (before, after) = (unpruned.Header.Samples[k], cell.Header.Samples[k]!);
        var own = after.Original ?? before.Decompositions[0]!;
        var original = (after.Original is null ? unpruned.Arrays : cell.Arrays).Effects(k, 0);
        var threshold = _shared[sums.Step] ?? ThresholdOf(own, original);
        var comparison = new SweepComparison(original, cell.Arrays.Effects(k, SweepArrays.Pruned), threshold, references);
        var metrics = PruningMetrics.Of(comparison.Distribution);
        var v = cell.Arrays.V(k, SweepArrays.Pruned);
        var point = new SweepSamplePoint
        {
            Ratio = sums.Ratio,
            Prediction = after.Prediction,
            VEmpty = v[0],
            VFull = v[^1],
            Threshold = threshold,
            Gap = after.PairGap ?? Math.Max(own.Gap, after.Pruned.Gap),
            MatchError = Math.Max(own.MatchError, after.Pruned.MatchError),
            RhoLow = metrics.RhoLow,
            RhoHigh = metrics.RhoHigh,
            Salient = comparison.Salient,
            RemovedCount = comparison.Removed,
            EmergedCount = comparison.Emerged,
            Top = detailed ? comparison.Top() : [],
        };
        var converged = after.PairConverged && (after.PairGap is not null || own.Converged);
        sums.Add(comparison, point, after.Pruned, converged, after.Prediction == before.Target);
        return point;
    }

    private double ThresholdOf(Evidence evidence, Effects effects) =>
        Salience.Thresholds(_rule, [new SalienceInput(evidence.Span, evidence.Maximum, () => effects)])[0];

    private SweepNetwork Describe(CatalogModel model, int m)
    {
        var evidence = _headers.Samples().Select(at => at.Sample.Decompositions[m]).ToArray();
        var decomposed = evidence.Length > 0 && evidence.All(one => one is not null);
        return new SweepNetwork(
            m == 0 ? "original" : "reference",
            model.Id,
            m == 0 ? Threshold : _sharedReference[m],
            _spans[m].Count == 0 ? null : Salience.MeanSpan([.. _spans[m].Select(span => new SalienceInput(span, 0))]),
            decomposed ? evidence.Max(one => one!.Gap) : null,
            decomposed ? evidence.Max(one => one!.MatchError) : null);
    }

    private List<string> Notes()
    {
        var notes = new List<string>(_layout.Games.Notes);
        notes.AddRange(_headers.Base.SelectMany(block => block?.RunNotes ?? []).Concat(_headers.Pruned.SelectMany(step => step).SelectMany(block => block?.RunNotes ?? [])).Distinct());
        if (_headers.Finished < _layout.Keys().Count)
        {
            notes.Add($"Partial: {_headers.Finished} of {_layout.Keys().Count} cells are finished; a ratio appears when all its samples are.");
        }

        if (_headers.Base.Sum(block => block?.Samples.Count(sample => sample.IsAbsent) ?? 0) is > 0 and var absent)
        {
            notes.Add($"{absent} of {_layout.Games.Samples.Keys.Count} places stayed empty: the dataset has no further correctly classified sample for them.");
        }

        if (_layout.References.Count == 0)
        {
            notes.Add("Without references nothing counts as generalizable.");
        }

        if (_layout.Games.Spec.Value?.Target?.Word == ValueSpec.Predicted)
        {
            notes.Add("v of every network, references included, is of the class that the unpruned model predicts.");
        }

        if (_layout.References.Count > 0 && _layout.Games.Spec.Samples is SampleSelection.AtRandom { CorrectOnly: true })
        {
            notes.Add("The samples are those that the unpruned model classifies correctly; references need not.");
        }

        AddEvidence(notes);
        return notes;
    }

    private void AddEvidence(List<string> notes)
    {
        if (_samples.Count(sample => sample.Prediction != sample.Target) is > 0 and var wrong)
        {
            notes.Add($"The unpruned model predicts another class than y in {wrong} of {_samples.Count} samples; they count like the others.");
        }

        if (_sums.Sum(sums => sums.Unconverged) is > 0 and var missed)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"The gap asked for was not reached in {missed} decompositions; gap says how far from the optimum each can be."));
        }

        if (_sums.Sum(sums => sums.Unmatched) is > 0 and var unmatched)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"Universal matching holds only to more than 1e-9 of the span in {unmatched} decompositions: their span is tiny beside their values."));
        }

        if (_samples.Count > _detailed && _sums.Length > 0)
        {
            notes.Add($"Interactions before and after are listed for the first {_detailed} samples; interactions.npz holds all.");
        }
    }
}
