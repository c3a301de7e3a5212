namespace InteractionLab.Server.Store;

/// <summary>A registered model. <see cref="Sequence"/> orders lists: newest has the largest.</summary>
internal sealed class ModelRow
{
    public long Sequence { get; set; }

    public required string Id { get; set; }

    public required string Name { get; set; }

    /// <summary>Name of the file in <see cref="FileStore"/>; unique.</summary>
    public required string Sha256 { get; set; }

    public required long SizeBytes { get; set; }

    /// <summary><c>ModelSummary</c> as JSON.</summary>
    public required string Summary { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A registered dataset; its files are the folder <c>datasets/{Id}</c>.</summary>
internal sealed class DatasetRow
{
    public long Sequence { get; set; }

    public required string Id { get; set; }

    public required string Name { get; set; }

    /// <summary><c>DatasetSummary</c> as JSON.</summary>
    public required string Summary { get; set; }

    public required long SizeBytes { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A job. <see cref="State"/> is changed only by <c>JobStates.MoveAsync</c>.</summary>
internal sealed class JobRow
{
    public long Sequence { get; set; }

    public required string Id { get; set; }

    public required string Kind { get; set; }

    public required string Name { get; set; }

    public required string State { get; set; }

    /// <summary>The spec with defaults filled in, JSON.</summary>
    public required string Spec { get; set; }

    /// <summary>SHA-256 of the request as it was sent, in canonical form.</summary>
    public required string RequestHash { get; set; }

    /// <summary>Unique where not null.</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>The job it belongs to; null for most, and when that one was deleted.</summary>
    public string? Parent { get; set; }

    /// <summary>What it is to its parent; unique there.</summary>
    public string? Role { get; set; }

    /// <summary>What a queued job waits for before another look is worth while: <c>cell</c> or <c>end</c> of a job it needs; null where it may run.</summary>
    public string? Waits { get; set; }

    /// <summary>Since when a queued job has its turn: who has it longest is next. Null where it waits for another job, or is not queued.</summary>
    public DateTimeOffset? Turn { get; set; }

    /// <summary>Cells of the plan.</summary>
    public required int Total { get; set; }

    /// <summary>Finished cells; changed only together with the cells table.</summary>
    public int Done { get; set; }

    public required string Unit { get; set; }

    /// <summary>The first cells that progress does not count.</summary>
    public int Uncounted { get; set; }

    public string? Message { get; set; }

    public double? SecondsLeft { get; set; }

    public string? Error { get; set; }

    /// <summary>Times it has been started.</summary>
    public int Attempts { get; set; }

    /// <summary>Times in a row the server ended while it ran, with no cell finished in between.</summary>
    public int Recoveries { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>A model, a dataset or another job that a job reads.</summary>
internal sealed class JobInputRow
{
    public required string JobId { get; set; }

    /// <summary><see cref="Model"/>, <see cref="Dataset"/> or <see cref="Job"/>.</summary>
    public required string Type { get; set; }

    public required string InputId { get; set; }

    public const string Model = "model";

    public const string Dataset = "dataset";

    public const string Job = "job";
}

/// <summary>A finished cell. There is at most one for a position of a job: the primary key says so.</summary>
internal sealed class CellRow
{
    public required string JobId { get; set; }

    /// <summary>Position in the plan.</summary>
    public required int Position { get; set; }

    /// <summary>1, 2, ... in the order in which the job's cells were committed.</summary>
    public required int Sequence { get; set; }

    /// <summary>The plan's key of the cell.</summary>
    public required string Key { get; set; }

    /// <summary>Name of the payload in <see cref="FileStore"/>.</summary>
    public required string Sha256 { get; set; }

    public required long SizeBytes { get; set; }

    public string? Message { get; set; }

    /// <summary>The attempt that computed it.</summary>
    public required int Attempt { get; set; }

    public required DateTimeOffset FinishedAt { get; set; }
}
