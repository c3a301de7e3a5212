using System.Text.Json;

namespace InteractionLab.Experiments.Tests.Common;

/// <summary>The finished cells of a job in memory, and ways to run it.</summary>
internal sealed class Job(IExperimentPlan plan, Lab lab) : ICellSource
{
    private readonly byte[]?[] _cells = new byte[plan.Cells.Count][];

    public IExperimentPlan Work => plan;

    public int Count => _cells.Length;

    public byte[]? this[int cell]
    {
        get => _cells[cell];
        set => _cells[cell] = value;
    }

    public Stream? Open(int index) => _cells[index] is { } bytes ? new MemoryStream(bytes, writable: false) : null;

    public static async Task<Job> Plan(Lab lab, string kind, string spec) =>
        new(await ExperimentCatalog.Find(kind)!.PlanAsync(JsonElement.Parse(spec), lab, TestContext.Current.CancellationToken), lab);

    public static async Task<Job> Run(Lab lab, string kind, string spec)
    {
        var job = await Plan(lab, kind, spec);
        await job.Run(Enumerable.Range(0, job.Count));
        return job;
    }

    /// <summary>Runs the cells given, in that order, in one attempt.</summary>
    public async Task Run(IEnumerable<int> cells)
    {
        await using var run = await plan.StartAsync(lab.Context(this), TestContext.Current.CancellationToken);
        foreach (var cell in cells)
        {
            var payload = await run.RunCellAsync(cell, null, TestContext.Current.CancellationToken);
            _cells[cell] = payload.Bytes.ToArray();
        }
    }

    /// <summary>Runs all cells as a server does: the rest of each beside the first parts of those after it.</summary>
    public async Task RunAhead()
    {
        await using var run = await plan.StartAsync(lab.Context(this), TestContext.Current.CancellationToken);
        var pipelined = Assert.IsAssignableFrom<IPipelinedRun>(run);
        var pending = new Queue<(int Cell, Task<CellPayload> Ending)>();
        for (var cell = 0; cell < Count; cell++)
        {
            pending.Enqueue((cell, await pipelined.BeginCellAsync(cell, null, TestContext.Current.CancellationToken)));
            while (pending.Count > pipelined.Ahead || (cell == Count - 1 && pending.Count > 0))
            {
                var (done, rest) = pending.Dequeue();
                _cells[done] = (await rest).Bytes.ToArray();
            }
        }
    }

    public Task<ExperimentOutput> Complete() => plan.CompleteAsync(this, TestContext.Current.CancellationToken);

    public async Task<T> Result<T>() => (T)(await Complete()).Result;

    public async Task<byte[]> Artifact(string name)
    {
        var output = await Complete();
        using var stream = new MemoryStream();
        await output.Artifacts.Single(artifact => artifact.Name == name).WriteAsync(stream, TestContext.Current.CancellationToken);
        return stream.ToArray();
    }

    /// <summary>Everything a job leaves, as text: results, tables, artifacts.</summary>
    public async Task<string> Everything()
    {
        var output = await Complete();
        var result = JsonSerializer.Serialize(output.Result, output.Result.GetType(), LabJson.Options);
        var tables = output.Tables.Select(table => table.Name + ":" + string.Join(';', table.Rows.Select(row => JsonSerializer.Serialize(row, LabJson.Options))));
        var artifacts = new List<string>();
        foreach (var artifact in output.Artifacts)
        {
            artifacts.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await Artifact(artifact.Name))));
        }

        return string.Join('\n', [result, .. tables, .. artifacts]);
    }

    /// <summary>Plans a spec that must be refused and gives its faults.</summary>
    public static async Task<IReadOnlyDictionary<string, string[]>> Refused(Lab lab, string kind, string spec) =>
        (await Assert.ThrowsAsync<SpecException>(() => Plan(lab, kind, spec))).Errors;
}
