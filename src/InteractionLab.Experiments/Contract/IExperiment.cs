using System.Text.Json;

namespace InteractionLab.Experiments;

/// <summary>
/// A kind of experiment: a resumable function from a validated spec to a result. It knows nothing of queues, stores or
/// HTTP; the server hands it a spec and a catalog and runs the cells of the plan it returns (docs/architecture.md).
/// </summary>
public interface IExperiment
{
    /// <summary>The name in the API, e.g. <c>masked-samples</c>.</summary>
    string Kind { get; }

    /// <summary>What a person reads in the dashboard.</summary>
    string Title { get; }

    /// <summary>One or two sentences on what it computes.</summary>
    string Description { get; }

    /// <summary>The CLR type of the spec, for the OpenAPI document.</summary>
    Type SpecType { get; }

    /// <summary>The CLR type of the result, for the OpenAPI document.</summary>
    Type ResultType { get; }

    /// <summary>Validates a spec against the catalog and lays out the work.</summary>
    /// <exception cref="SpecException">The spec is wrong; every fault is named by field.</exception>
    Task<IExperimentPlan> PlanAsync(JsonElement spec, ILabCatalog catalog, CancellationToken cancellation);
}

/// <summary>The work of one job. Planning the same spec again gives the same cells in the same order.</summary>
public interface IExperimentPlan
{
    /// <summary>The spec with every default filled in; stored with the job.</summary>
    JsonElement Spec { get; }

    /// <summary>A stable key for each cell, in order.</summary>
    IReadOnlyList<string> Cells { get; }

    /// <summary>What one cell is, for progress: <c>samples</c>, <c>games</c>.</summary>
    string Unit { get; }

    /// <summary>How many of the first cells come before the first unit and are not counted as progress: the untrained network of a training.</summary>
    int Uncounted => 0;

    /// <summary>Ids of models the job reads: they cannot be deleted while it exists unfinished.</summary>
    IReadOnlyList<string> Models { get; }

    /// <summary>Ids of datasets the job reads.</summary>
    IReadOnlyList<string> Datasets { get; }

    /// <summary>
    /// Ids of jobs whose cells the job reads, also while they are unfinished: they cannot be deleted while it is, and it
    /// gets a turn whenever one of them finishes a cell or ends.
    /// </summary>
    IReadOnlyList<string> Jobs => [];

    /// <summary>The cost that can be counted before anything runs: all but the seconds.</summary>
    ExperimentEstimate Estimate { get; }

    /// <summary>
    /// The cost with the seconds: from what such work took before, and where that is not known from a short measurement of
    /// the real thing (about half a second for each kind of work, a few seconds in all).
    /// </summary>
    Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Task.FromResult(Estimate);

    /// <summary>Opens what the cells share (sessions, datasets) for one attempt at the job.</summary>
    /// <param name="context">What the server lends to the attempt; valid until the run is disposed.</param>
    /// <param name="cancellation">Stops the opening.</param>
    Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation);

    /// <summary>
    /// The result: a pure function of the finished cells. Given a subset (a cell whose stream is null is not finished)
    /// it returns what that subset supports.
    /// </summary>
    Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation);
}

/// <summary>One attempt at a job: computes cells one at a time, in any order; disposed when the attempt ends.</summary>
public interface IExperimentRun : IAsyncDisposable
{
    /// <summary>Computes a cell and returns its payload, which is committed before the next cell starts.</summary>
    /// <param name="index">Position in <see cref="IExperimentPlan.Cells"/>.</param>
    /// <param name="progress">Share of this cell that is done, 0..1.</param>
    /// <param name="cancellation">Stops the cell; nothing of it is kept.</param>
    /// <exception cref="NotReadyException">It needs what another job has not made yet: the job goes back into the queue and is not run before that may have changed.</exception>
    Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation);
}

/// <summary>
/// A run whose cells have a first part, one cell at a time, and a rest that goes on beside the first parts of the next
/// cells: solving and writing beside the network, and the network beside what prepares the next cell. The payloads are
/// those of one cell after the other.
/// </summary>
public interface IPipelinedRun : IExperimentRun
{
    /// <summary>How many cells may be begun beyond the oldest whose rest is not done; at least 1.</summary>
    int Ahead { get; }

    /// <summary>Computes the first part of a cell; the task it gives is the rest, which has begun.</summary>
    /// <param name="index">Position in <see cref="IExperimentPlan.Cells"/>.</param>
    /// <param name="progress">Share of the cell that is done, 0..1, which may leave out what is short.</param>
    /// <param name="cancellation">Stops both parts; nothing of the cell is kept.</param>
    /// <exception cref="NotReadyException">As for <see cref="IExperimentRun.RunCellAsync"/>; the rest never throws it.</exception>
    Task<Task<CellPayload>> BeginCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation);

    /// <inheritdoc/>
    async Task<CellPayload> IExperimentRun.RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation) =>
        await (await BeginCellAsync(index, progress, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
}

/// <summary>The bytes of a finished cell, and one line about it for the live view.</summary>
public sealed record CellPayload(ReadOnlyMemory<byte> Bytes, string? Message);

/// <summary>Finished cells by position.</summary>
public interface ICellSource
{
    /// <summary>How many cells the job has.</summary>
    int Count { get; }

    /// <summary>The payload of a cell, or null while it is not finished. The caller disposes the stream.</summary>
    Stream? Open(int index);
}

/// <summary>How an estimate knows its seconds.</summary>
public enum EstimateBasis
{
    /// <summary>It does not; the note says why.</summary>
    Unknown,

    /// <summary>At least a part of the work was measured for this estimate.</summary>
    Measured,

    /// <summary>From what such work took before.</summary>
    Remembered,
}

/// <summary>What a job will cost.</summary>
/// <param name="ForwardPasses">Rows of network input evaluated; a row whose gradient is asked for counts as three.</param>
/// <param name="Bytes">Bytes kept on disk at the end.</param>
/// <param name="Seconds">Wall-clock seconds on this machine when nothing else runs; null where not known.</param>
/// <param name="Basis">How the seconds are known.</param>
/// <param name="SavedPasses">Those of the forward passes whose outputs earlier jobs left, so that they are not run; null where that was not looked for.</param>
/// <param name="Note">What the reader of the estimate should know, or null.</param>
/// <param name="HeadPasses">Rows through the part of networks before a cut, which come on top of the forward passes: those are rows through the part behind it.</param>
public sealed record ExperimentEstimate(
    long ForwardPasses, long Bytes, double? Seconds = null, EstimateBasis Basis = EstimateBasis.Unknown, long? SavedPasses = null, string? Note = null, long HeadPasses = 0);

/// <summary>What a job leaves: the result object (serialised with <see cref="LabJson.Options"/>), the chart tables, the artifacts.</summary>
public sealed record ExperimentOutput(object Result, IReadOnlyList<ResultTable> Tables, IReadOnlyList<ResultArtifact> Artifacts);

/// <summary>A table of numbers behind a chart, served as CSV.</summary>
/// <param name="Name">File name without extension, e.g. <c>orders</c>.</param>
/// <param name="Columns">Header.</param>
/// <param name="Rows">Values: numbers, strings or null.</param>
public sealed record ResultTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows);

/// <summary>A file of arrays, written when asked for.</summary>
public sealed record ResultArtifact(string Name, string ContentType, Func<Stream, CancellationToken, Task> WriteAsync);
