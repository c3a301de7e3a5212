using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// The games of one attempt at a job, opened: samples, players, targets, and the cache that outputs come from and go to.
/// Owns the dataset. Networks that play them are opened with <see cref="Open"/> and are the caller's.
/// </summary>
internal sealed class GameSource : IDisposable
{
    private readonly IDataset _dataset;
    private readonly string _jobId;
    private readonly AttributionPlayers? _attribution;

    /// <summary>Opens the dataset.</summary>
    public GameSource(NetworkGames games, IJobContext context, RateMemory rates)
    {
        Games = games;
        Rates = rates;
        Values = context.Values;
        Speed = context.Speed is { } speed ? new JobSpeeds(speed, context.Folder) : null;
        _jobId = context.JobId;
        _dataset = DatasetReader.Open(games.Dataset.Folder);
        Baseline = games.Cut is null ? games.Spec.Baseline!.Of(games.Dataset.Summary.SampleShape, Mean) : [];
        _attribution = games is { Players.ByAttribution: true, First: { } first } ? new AttributionPlayers(this, NetworkFile.Of(first, games.Ask)) : null;
        Keys = new OutputKeys(games.Spec, games.Dataset.Summary.SampleShape, Baseline, games.BaselineDataset.Id);
    }

    /// <summary>What the spec lays out.</summary>
    public NetworkGames Games { get; }

    /// <summary>The spec.</summary>
    public NetworkGamesSpec Spec => Games.Spec;

    /// <summary>What absent cells of the input become, for every sample; empty where there is a cut, whose baselines are the networks' own (<see cref="CutBaseline"/>).</summary>
    public float[] Baseline { get; }

    /// <summary>Names of outputs in <see cref="Values"/>.</summary>
    public OutputKeys Keys { get; }

    /// <summary>The cache.</summary>
    public IValueCache Values { get; }

    /// <summary>Measured batch sizes, fixed for the job once it has used them; null measures none.</summary>
    public ISpeedMemory? Speed { get; }

    /// <summary>Where measured times go.</summary>
    public RateMemory Rates { get; }

    /// <summary>What marks outputs that a cell of this job computed.</summary>
    public string OriginOf(string cellKey) => $"{_jobId}/{cellKey}";

    /// <summary>A sample.</summary>
    public Sample Sample(int index) => _dataset.Get(index);

    /// <summary>The players of a sample, the same for every network.</summary>
    public SamplePlayers PlayersOf(int index) => AttributionOf(index)?.Players ?? Games.Players.For(index, () => Sample(index));

    /// <summary>
    /// Chooses the players of a sample, where choosing takes passes, and counts these: to be called once a sample and job, by
    /// the first cell of it.
    /// </summary>
    public void ChoosePlayers(int index, CellPasses passes, CancellationToken cancellation)
    {
        if (_attribution?.Of(index, passes.Origin, cancellation) is { } attribution)
        {
            passes.Count(AttributionPlayers.PassesOfSample, attribution.Origin);
        }
    }

    /// <summary>Where attribution chose a sample's players: how well it added up; null where something else chose them.</summary>
    public AttributedPlayers? AttributionOf(int index) => _attribution?.Of(index, _jobId);

    /// <summary>What the players of a sample are called; null where they have numbers only.</summary>
    public IReadOnlyList<string>? NamesOf(int index) => _dataset.Words is { } words ? Games.Players.Names(Sample(index), words) : null;

    /// <summary>
    /// The class y of a sample's v, the same for every network: the label, a class given, or what the first model predicts.
    /// </summary>
    /// <param name="sample">The sample.</param>
    /// <param name="prediction">The first model's prediction.</param>
    /// <exception cref="ExperimentException">The sample has no label and one is asked for.</exception>
    public int TargetOf(Sample sample, int prediction) =>
        Spec.Value!.ClassOf(sample.Label, () => prediction) ?? throw new ExperimentException($"Sample {sample.Index} has no label.");

    /// <summary>The rows of a run that the lab remembers for a network of this structure; null where it remembers none.</summary>
    public int? RememberedRows(NetworkFile network)
    {
        var (shape, options) = (Games.Dataset.Summary.SampleShape, NetworkWork.OptionsOf(Spec, Speed));
        return Speed?.Find(SpeedKeys.Of(network, shape, options))?.Rows;
    }

    /// <summary>A network that plays these games. The file is read only when outputs are missing from the cache.</summary>
    public GameEvaluator Open(NetworkFile network) => new(this, network);

    private float[] Mean()
    {
        if (Games.BaselineDataset.Id == Games.Dataset.Id)
        {
            return _dataset.Mean;
        }

        using var other = DatasetReader.Open(Games.BaselineDataset.Folder);
        return other.Mean;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _attribution?.Dispose();
        _dataset.Dispose();
    }
}
