using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.Networks;

/// <summary>The passes of a network in a job that the cache saves.</summary>
/// <param name="Rows">Masked rows.</param>
/// <param name="Singles">Unmasked rows.</param>
/// <param name="Heads">Rows through the head of a network that is cut.</param>
internal sealed record KeptPasses(long Rows, long Singles, long Heads = 0);

/// <summary>
/// Looks up which games of a job the cache holds, without running or reading anything large: for estimates, which a damaged
/// or evicted entry makes too short and never wrong.
/// </summary>
internal sealed class KeptGames : IDisposable
{
    // Beyond this many look-ups an estimate would keep its reader waiting.
    private const int MostGames = 5000;
    private readonly NetworkGames _games;
    private readonly IValueCache _values;
    private readonly Func<NetworkFile, int?> _rowsOf;
    private readonly IDataset _dataset;
    private readonly OutputKeys _keys;
    private readonly List<Found> _samples = [];

    private KeptGames(NetworkGames games, ILabCatalog catalog)
    {
        (_games, _values) = (games, catalog.Values);
        ISpeedMemory speeds = catalog.Rates;
        var options = NetworkWork.OptionsOf(games.Spec, speeds);
        _rowsOf = network => games.Spec.Batch.Number ?? speeds.Find(SpeedKeys.Of(network, games.Dataset.Summary.SampleShape, options))?.Rows;
        _dataset = DatasetReader.Open(games.Dataset.Folder);
        var shape = games.Dataset.Summary.SampleShape;
        _keys = new OutputKeys(games.Spec, shape, games.Cut is null ? games.Spec.Baseline!.Of(shape, Mean) : [], games.BaselineDataset.Id);
    }

    /// <summary>Attributions that are kept, by sample.</summary>
    public int Attributions { get; private set; }

    /// <summary>Rows spent on samples that were looked at and not taken.</summary>
    public long Passed { get; private set; }

    /// <summary>Looks for the samples of a job; null where that would be many look-ups.</summary>
    /// <param name="games">The games.</param>
    /// <param name="first">The network that finds correct samples and predicts classes; null where the job asks neither.</param>
    /// <param name="networks">How many networks play.</param>
    /// <param name="catalog">The cache, and the rows that networks run at once.</param>
    public static KeptGames? Open(NetworkGames games, NetworkFile? first, int networks, ILabCatalog catalog)
    {
        if ((long)games.Samples.Keys.Count * networks > MostGames)
        {
            return null;
        }

        var kept = new KeptGames(games, catalog);
        foreach (var index in kept.Indices(first))
        {
            kept.Look(index, first);
        }

        return kept;
    }

    /// <summary>The passes saved for a network whose job plays all masks.</summary>
    public KeptPasses Of(NetworkFile network) => Count(network, _games.Rows / Math.Max(_games.Samples.Keys.Count, 1), (sample, layout, target, rows) => _keys.Table(network.Key, sample, layout, target, rows));

    /// <summary>The passes saved for a network whose job plays a list of masks; the unmasked rows are counted where <paramref name="withSingles"/> says so.</summary>
    public KeptPasses Of(NetworkFile network, MaskList masks, bool withSingles)
    {
        var found = Count(network, masks.Count, (sample, layout, target, rows) => _keys.Masks(network.Key, sample, layout, target, masks, rows));
        return withSingles ? found : found with { Singles = 0, Heads = 0 };
    }

    /// <inheritdoc/>
    public void Dispose() => _dataset.Dispose();

    private KeptPasses Count(NetworkFile network, long masks, Func<Sample, PlayerLayout, int, string, string> key)
    {
        var (tables, singles) = (0L, 0L);
        var batch = _rowsOf(network)?.ToString(CultureInfo.InvariantCulture);
        foreach (var (sample, layout, target) in _samples)
        {
            singles += _values.Has(_keys.Logits(network.Key, sample)) ? 1 : 0;
            tables += layout is not null && target is { } y && batch is not null && _values.Has(key(sample, layout, y, batch)) ? 1 : 0;
        }

        // The mean at a cut is taken for the first table that is missing, and kept by itself.
        var mean = tables == _games.Samples.Keys.Count || (_games.MeanPasses > 0 && _values.Has(_keys.CutMean(network.Key))) ? _games.MeanPasses : 0;
        return new KeptPasses(tables * masks, singles, (tables * _games.HeadsOfSample) + mean);
    }

    private void Look(int index, NetworkFile? first)
    {
        var sample = _dataset.Get(index);
        var target = _games.Spec.Value!.ClassOf(sample.Label, () => Predicted(sample, first));
        _samples.Add(new Found(sample, LayoutOf(sample), target));
    }

    private PlayerLayout? LayoutOf(Sample sample)
    {
        if (!_games.Players.ByAttribution)
        {
            return _games.Players.For(sample.Index, () => sample).Layout;
        }

        var cells = _games.Cut?.Cells ?? sample.Values.Length;
        if (_games.First is not { } first || KeptOutputs.Find(_values, _keys.Attribution(NetworkFile.Of(first, _games.Ask).Key, sample), cells + AttributionPlayers.Evidence) is not { } kept)
        {
            return null;
        }

        Attributions++;
        return _games.Players.Strongest(kept.Outputs[..cells]).Layout;
    }

    /// <summary>The samples as far as the cache knows them: a walk for correct ones ends where a prediction is missing.</summary>
    private IEnumerable<int> Indices(NetworkFile? first)
    {
        if (_games.Samples.Indices is { } indices)
        {
            return indices;
        }

        var found = new List<int>();
        foreach (var pool in _games.Samples.Pools)
        {
            var wanted = pool.Wanted;
            foreach (var candidate in pool.Candidates.TakeWhile(_ => wanted > 0))
            {
                var sample = _dataset.Get(candidate);
                if (LogitsOf(sample, first) is not { } logits)
                {
                    break;
                }

                if (Logits.AreCorrect(logits, sample.Label))
                {
                    found.Add(candidate);
                    wanted--;
                }
                else
                {
                    Passed++;
                }
            }
        }

        return found;
    }

    private int? Predicted(Sample sample, NetworkFile? first) => LogitsOf(sample, first) is { } logits ? Logits.Predict<float>(logits) : null;

    private float[]? LogitsOf(Sample sample, NetworkFile? first) =>
        first is not null && KeptOutputs.Find(_values, _keys.Logits(first.Key, sample), length: null) is { } kept ? [.. kept.Outputs.Select(logit => (float)logit)] : null;

    private float[] Mean()
    {
        using var other = DatasetReader.Open(_games.BaselineDataset.Folder);
        return other.Mean;
    }

    private sealed record Found(Sample Sample, PlayerLayout? Layout, int? Target);
}
