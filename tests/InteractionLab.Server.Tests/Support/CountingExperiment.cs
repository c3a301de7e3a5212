using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text.Json;
using InteractionLab.Experiments;

namespace InteractionLab.Server.Tests.Support;

/// <summary>What the counting experiment computes.</summary>
/// <param name="Cells">Number of cells.</param>
/// <param name="Gate">Name of a gate that each cell waits at; null runs freely.</param>
/// <param name="FailAt">A cell that fails while the gate's <see cref="Gate.Fail"/> is set; null for none.</param>
/// <param name="Model">A model it claims to read.</param>
/// <param name="Follow">A job whose cell i must be finished before cell i here.</param>
/// <param name="Children">Makes cell i queue a counting job of 2 cells with this gate, and wait for its end.</param>
/// <param name="Makes">Name of a model that cell 0 registers.</param>
internal sealed record CountingSpec(int Cells, string? Gate = null, int? FailAt = null, string? Model = null, string? Follow = null, string? Children = null, string? Makes = null);

internal sealed record CountingResult(double Sum, double[] Values);

/// <summary>Lets a test decide when cells go on, and tells it which were computed.</summary>
internal sealed class Gate
{
    private static readonly ConcurrentDictionary<string, Gate> Gates = new();

    public SemaphoreSlim Pass { get; } = new(0);

    public ConcurrentQueue<int> Computed { get; } = new();

    public bool Fail { get; set; } = true;

    /// <summary>Whether a cell that waits here notices only afterwards that it is cancelled.</summary>
    public bool Deaf { get; set; }

    public static Gate Of(string name) => Gates.GetOrAdd(name, _ => new Gate());

    public void Open() => Pass.Release(100_000);
}

/// <summary>A small real experiment: cell i is the i-th square root, the result their sum.</summary>
internal sealed class CountingExperiment : IExperiment
{
    public string Kind => "counting";

    public string Title => "Counting";

    public string Description => "Adds square roots.";

    public Type SpecType => typeof(CountingSpec);

    public Type ResultType => typeof(CountingResult);

    public async Task<IExperimentPlan> PlanAsync(JsonElement spec, ILabCatalog catalog, CancellationToken cancellation)
    {
        var errors = new Dictionary<string, string[]>();
        if (!spec.TryGetProperty("cells", out var cells) || cells.ValueKind is not JsonValueKind.Number || !cells.TryGetInt32(out var count) || count is < 1 or > 100_000)
        {
            throw new SpecException(new Dictionary<string, string[]> { ["cells"] = ["must be 1 to 100000"] });
        }

        CountingSpec parsed;
        try
        {
            parsed = spec.Deserialize<CountingSpec>(LabJson.Options)!;
        }
        catch (JsonException error)
        {
            throw new SpecException(new Dictionary<string, string[]> { [error.Path ?? "spec"] = ["has the wrong type"] });
        }

        if (parsed.Model is { } model && await catalog.FindModelAsync(model, cancellation) is null)
        {
            errors["model"] = ["there is no such model"];
        }

        return errors.Count > 0 ? throw new SpecException(errors) : new Plan(parsed, catalog);
    }

    private sealed class Plan(CountingSpec spec, ILabCatalog catalog) : IExperimentPlan
    {
        public JsonElement Spec => JsonSerializer.SerializeToElement(spec, LabJson.Options);

        public IReadOnlyList<string> Cells { get; } = [.. Enumerable.Range(0, spec.Cells).Select(i => $"cell-{i}")];

        public string Unit => "numbers";

        public IReadOnlyList<string> Models => spec.Model is { } model ? [model] : [];

        public IReadOnlyList<string> Datasets => [];

        public IReadOnlyList<string> Jobs => spec.Follow is { } followed ? [followed] : [];

        public ExperimentEstimate Estimate => new(spec.Cells, spec.Cells * 8L, null);

        public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) => Task.FromResult<IExperimentRun>(new Run(spec, context, catalog));

        public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation)
        {
            var values = new List<double>();
            var buffer = new byte[8];
            for (var i = 0; i < cells.Count; i++)
            {
                using var stream = cells.Open(i);
                if (stream is not null)
                {
                    stream.ReadExactly(buffer);
                    values.Add(BinaryPrimitives.ReadDoubleLittleEndian(buffer));
                }
            }

            double[] all = [.. values];
            var table = new ResultTable("values", ["index", "value", "note"], [.. all.Select((v, i) => (IReadOnlyList<object?>)[i, v, "a,\"b\""])]);
            var artifact = new ResultArtifact("values.bin", "application/octet-stream", async (target, c) =>
            {
                foreach (var v in all)
                {
                    await target.WriteAsync(BitConverter.GetBytes(v), c);
                }
            });
            return Task.FromResult(new ExperimentOutput(new CountingResult(all.Sum(), all), [table], [artifact]));
        }
    }

    private sealed class Run(CountingSpec spec, IJobContext context, ILabCatalog catalog) : IExperimentRun
    {
        public async Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
        {
            await RequireAsync(index, cancellation);
            var gate = spec.Gate is null ? null : Gate.Of(spec.Gate);
            if (gate is not null)
            {
                await gate.Pass.WaitAsync(gate.Deaf ? CancellationToken.None : cancellation);
            }

            progress?.Report(0.5);
            if (spec.FailAt == index && gate?.Fail is not false)
            {
                throw new InvalidOperationException("The number is unlucky.");
            }

            if (index == 0 && spec.Makes is { } made)
            {
                await context.RegisterModelAsync(made, TinyModel.Bytes(made), cancellation);
            }

            gate?.Computed.Enqueue(index);
            return new(BitConverter.GetBytes(Math.Sqrt(index)), $"number {index}");
        }

        private async Task RequireAsync(int index, CancellationToken cancellation)
        {
            if (spec.Follow is { } id)
            {
                var job = await catalog.FindJobAsync(id, cancellation) ?? throw new ExperimentException("The job is gone.");
                using var cell = job.Finished.Open(index);
                if (cell is null)
                {
                    throw job.State is CatalogJobState.Unfinished ? new NotReadyException($"waits for cell {index}", JobWait.Cell) : new ExperimentException($"The job ended without cell {index}.");
                }
            }

            if (spec.Children is { } gate)
            {
                var child = await context.StartChildAsync($"child-{index}", "counting", $"child {index}", JsonSerializer.SerializeToElement(new CountingSpec(2, gate), LabJson.Options), cancellation);
                if (child.State is not CatalogJobState.Succeeded)
                {
                    throw child.State is CatalogJobState.Unfinished ? new NotReadyException($"waits for child {index}", JobWait.End) : new ExperimentException($"Child {index} is {child.State}.");
                }
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
