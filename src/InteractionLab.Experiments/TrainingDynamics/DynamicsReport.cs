using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>
/// The result as a pure function of the finished cells: headers in a first pass (τ rests on all games of a network), then
/// block by block, holding one block of every reference and of one snapshot at a time.
/// </summary>
internal sealed class DynamicsReport
{
    private const double MatchGate = 1e-9;
    private const double LeastGap = 1e-9;
    private readonly DynamicsLayout _layout;
    private readonly DynamicsMeasures _measures;
    private readonly List<BlockHeader?> _headers;
    private readonly NetworkTable?[] _references;
    private readonly List<(int Epoch, SnapshotMeasures Measures)> _snapshots = [];

    private DynamicsReport(DynamicsLayout layout, DynamicsMeasures measures, List<BlockHeader?> headers, ICellSource cells, SalienceRule rule)
    {
        (_layout, _measures, _headers) = (layout, measures, headers);
        _references = [.. Enumerable.Range(0, layout.References).Select(k => NetworkTable.Open(cells, layout, k, headers, rule))];
        Snapshots = _references.Contains(null) ? [] : [
            .. Enumerable.Range(0, layout.Epochs.Count)
                .Select(t => (Epoch: layout.Epochs[t], Table: NetworkTable.Open(cells, layout, layout.Snapshot(t), headers, rule)))
                .Where(snapshot => snapshot.Table is not null)
                .Select(snapshot => (snapshot.Epoch, snapshot.Table!))];
    }

    /// <summary>The references whose games are all finished.</summary>
    public IReadOnlyList<NetworkTable> References => [.. _references.OfType<NetworkTable>()];

    /// <summary>The snapshots whose games, and those of all references, are finished.</summary>
    public IReadOnlyList<(int Epoch, NetworkTable Table)> Snapshots { get; }

    /// <summary>Reads the finished cells.</summary>
    public static DynamicsReport Build(ICellSource cells, DynamicsLayout layout, DynamicsMeasures measures, SalienceRule rule, CancellationToken cancellation)
    {
        var headers = new List<BlockHeader?>();
        for (var cell = 0; cell < cells.Count; cell++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stream = cells.Open(cell);
            headers.Add(stream is null ? null : CellFile.Named(cell, () => CellFile.ReadContent<BlockHeader>(stream)));
        }

        var report = new DynamicsReport(layout, measures, headers, cells, rule);
        report.Measure(cancellation);
        return report;
    }

    /// <summary>The result.</summary>
    /// <param name="notes">What the plan knows beside.</param>
    public TrainingDynamicsResult Result(IReadOnlyList<string> notes)
    {
        var increases = TrainingPhases.Increases([.. _snapshots.Select(snapshot => snapshot.Measures.Point)]);
        return new TrainingDynamicsResult
        {
            Points = [.. _snapshots.Select((snapshot, t) => Point(snapshot.Epoch, snapshot.Measures, increases[t]))],
            Phases = Phases(),
            ByReferences = ByReferences(),
            Agreement = Agreement(),
            References = [.. References.Select(table => new ReferencePoint(table.Model, table.Threshold, table.MeanSpan, table.WorstGap, table.WorstMatchError, table.Unconverged))],
            TrainSamples = _layout.TrainSamples,
            TestSamples = _layout.TestSamples,
            Players = _layout.Players,
            ForwardPasses = _headers.Sum(header => header?.Made ?? 0),
            SavedPasses = _headers.Sum(header => header?.Saved ?? 0),
            Finished = _headers.Count(header => header is not null),
            Total = _headers.Count,
            Notes = [.. notes, .. Notes()],
        };
    }

    private void Measure(CancellationToken cancellation)
    {
        var sums = Snapshots.Select(snapshot => new SnapshotSums(snapshot.Table, _measures)).ToArray();
        for (var block = 0; sums.Length > 0 && block < _layout.Blocks; block++)
        {
            var references = References.Select(table => (Table: table, Games: table.Read(block))).ToArray();
            for (var t = 0; t < sums.Length; t++)
            {
                cancellation.ThrowIfCancellationRequested();
                var games = Snapshots[t].Table.Read(block);
                for (var i = 0; i < games.Count; i++)
                {
                    var sample = (block * _layout.BlockSize) + i;
                    sums[t].Add(games[i], Snapshots[t].Table.Thresholds[sample], _layout.IsTrain(sample), [.. references.Select(reference =>
                        new ReferenceGame(new Effects(reference.Games[i].And, reference.Games[i].Or), reference.Table.Thresholds[sample], reference.Table.MeanSpan))]);
                }
            }
        }

        _snapshots.AddRange(sums.Select((sum, t) => (Snapshots[t].Epoch, sum.Measure())));
    }

    private static DynamicsPoint Point(int epoch, SnapshotMeasures measures, NewStrength increase)
    {
        var gap = RemovalLoss.Gap(measures.TrainLoss, measures.TestLoss);
        var power = measures.ByReferences[^1];
        return new DynamicsPoint
        {
            Epoch = epoch,
            Model = measures.Table.Model,
            Generalization = power.All,
            GeneralizationLow = power.Low,
            GeneralizationHigh = power.High,
            GeneralizationTrain = measures.Train,
            GeneralizationTest = measures.Test,
            GeneralizationOfSamples = measures.OfSamples,
            GeneralizationContinuous = measures.Continuous,
            Count = measures.CountAnd + measures.CountOr,
            CountAnd = measures.CountAnd,
            CountOr = measures.CountOr,
            Salient = measures.Salient,
            TrainLoss = measures.TrainLoss.Loss,
            TestLoss = measures.TestLoss.Loss,
            TrainLossRemoved = measures.TrainLoss.LossRemoved,
            TestLossRemoved = measures.TestLoss.LossRemoved,
            Gap = gap.Loss,
            GapRemoved = gap.LossRemoved,
            GapExplained = gap.Loss > LeastGap * (measures.TrainLoss.Loss + measures.TestLoss.Loss) ? 1 - (gap.LossRemoved / gap.Loss) : null,
            GeneralizableStrength = measures.Point.GeneralizableStrength,
            NonGeneralizableStrength = measures.Point.NonGeneralizableStrength,
            NewGeneralizable = increase.Generalizable,
            NewNonGeneralizable = increase.NonGeneralizable,
            Orders = Orders(measures.Mean.Total, measures.Mean.Generalizable[^1]),
            ByReferences = [.. measures.ByReferences.Select(part => part.All)],
            Threshold = measures.Table.Threshold,
            MeanSpan = measures.Table.MeanSpan,
            WorstGap = measures.Table.WorstGap,
            WorstMatchError = measures.Table.WorstMatchError,
            Unconverged = measures.Table.Unconverged,
        };
    }

    private DynamicsPhases Phases()
    {
        if (_snapshots.Count == 0)
        {
            return new DynamicsPhases(null, null, "No snapshot is finished yet.", []);
        }

        var phases = TrainingPhases.Of([.. _snapshots.Select(snapshot => snapshot.Measures.Point)], _measures.Ratio);
        var last = _snapshots.Count - 1;
        var ranges = new List<PhaseRange>();
        if (phases.T1 is { } t1)
        {
            AddRange(1, 0, t1);
            AddRange(2, t1, phases.T2 ?? last);
            AddRange(3, phases.T2 ?? last, last);
        }

        return new DynamicsPhases(Epoch(phases.T1), Epoch(phases.T2), phases.Note, ranges);

        int? Epoch(int? snapshot) => snapshot is { } t ? _snapshots[t].Epoch : null;

        void AddRange(int phase, int from, int to)
        {
            if (from < to)
            {
                ranges.Add(new PhaseRange(phase, _snapshots[from].Epoch, _snapshots[to].Epoch));
            }
        }
    }

    private ReferenceCount[] ByReferences()
    {
        if (_snapshots.Count == 0)
        {
            return [];
        }

        var (epoch, last) = _snapshots[^1];
        return [.. last.ByReferences.Select((power, k) =>
            new ReferenceCount(k + 1, epoch, power.All, power.Low, power.High, Orders(last.Mean.Total, last.Mean.Generalizable[k])))];
    }

    private List<ReferenceAgreement> Agreement()
    {
        var pairs = new List<ReferenceAgreement>();
        for (var a = 0; _snapshots.Count > 0 && a < _layout.References; a++)
        {
            for (var b = a + 1; b < _layout.References; b++)
            {
                AgreementPoint[] points = [.. _snapshots.Select(snapshot =>
                    new AgreementPoint(snapshot.Epoch, Generalization.Jaccard(snapshot.Measures.Single[a], snapshot.Measures.Single[b])))];
                pairs.Add(new ReferenceAgreement(a, b, points[^1].Epoch, points[^1].Jaccard, points));
            }
        }

        return pairs;
    }

    private static DynamicsOrder[] Orders(IReadOnlyList<OrderStrength> total, IReadOnlyList<OrderStrength> generalizable) =>
        [.. total.Zip(generalizable, (all, part) => new DynamicsOrder(all.Order, all.Positive, all.Negative, part.Positive, part.Negative))];

    private List<string> Notes()
    {
        var finished = _headers.OfType<BlockHeader>().SelectMany(header => header.Games).ToArray();
        var notes = finished.SelectMany(game => game.RunNotes).Distinct().ToList();
        if (_headers.Contains(null))
        {
            notes.Add($"Partial: {_headers.Count(header => header is not null)} of {_headers.Count} cells are finished. A snapshot's point appears when all its games are.");
        }

        if (!_measures.HasLosses)
        {
            notes.Add("Losses need v to be the log-odds of the label, and are left out.");
        }

        if (finished.Count(game => !game.Converged) is > 0 and var missed)
        {
            notes.Add($"The gap asked for was not reached in {missed} of {finished.Length} games; the largest gap stands with each network.");
        }

        if (finished.Count(game => !(game.MatchError <= MatchGate)) is > 0 and var unmatched)
        {
            notes.Add($"Universal matching holds only to more than 1e-9 of the span in {unmatched} of {finished.Length} games: their span is tiny beside their values.");
        }

        return notes;
    }
}
