using System.Collections.Concurrent;
using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Inputs;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Models;

/// <summary>A registered model, as the API and the dashboard show it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="SizeBytes">Length of the file.</param>
/// <param name="Opset">Version of the default operator set.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="Inputs">Inputs of the graph.</param>
/// <param name="Outputs">Outputs of the graph.</param>
/// <param name="CreatedAt">When it was registered.</param>
public sealed record ModelView(string Id, string Name, string Sha256, long SizeBytes, long Opset, long Parameters, IReadOnlyList<TensorSummary> Inputs, IReadOnlyList<TensorSummary> Outputs, DateTimeOffset CreatedAt);

/// <summary>How a model's output is taken (docs/outputs.md), and what its inputs are fed with.</summary>
/// <param name="Output">The output that holds the scores of classes; null where the model has none.</param>
/// <param name="Classes">Classes; null where the graph does not say.</param>
/// <param name="TakenFor">What its numbers are taken for.</param>
/// <param name="Fault">Why no output can be taken, or an input cannot be fed, or null.</param>
/// <param name="Inputs">What each input is fed with (docs/inputs.md); null where one cannot be.</param>
public sealed record ModelOutputView(string? Output, int? Classes, string? TakenFor, string? Fault, IReadOnlyList<ModelInputView>? Inputs);

/// <summary>What an input of a model is fed with.</summary>
/// <param name="Name">The input.</param>
/// <param name="Role">As the field <c>inputs</c> names it; null where the sample goes in as it is.</param>
/// <param name="TakenFor">The same in words.</param>
public sealed record ModelInputView(string Name, InputRole? Role, string TakenFor);

/// <summary>Registers, lists and deletes models.</summary>
internal sealed partial class ModelService(IDbContextFactory<LabDb> store, FileStore files, FileChecks checks, Manifests manifests, DiskReserve disk, IOptions<LabOptions> options, TimeProvider time, ILogger<ModelService> log) : IDisposable
{
    private const int MostCutsKept = 200;
    private const int ParallelChecks = 2;
    private readonly SemaphoreSlim places = new(ParallelChecks);
    private readonly ConcurrentDictionary<string, IReadOnlyList<SuggestedCut>> cuts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelOutputView> taken = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose() => places.Dispose();

    /// <summary>Registers a model. The same bytes again give the model that is there already.</summary>
    /// <returns>The model, and whether it is new.</returns>
    /// <exception cref="ModelRejectedException">It is not a model we take; the message says why.</exception>
    /// <exception cref="TooLargeException">It is larger than the limit.</exception>
    public async Task<(ModelView Model, bool Created)> AddAsync(Stream content, string? name, CancellationToken cancellation)
    {
        using var staged = await files.StageAsync(content, "file", options.Value.MaxModelBytes, cancellation);
        return await AddAsync(staged, name, "model", cancellation);
    }

    /// <summary>Registers a model already received.</summary>
    public async Task<(ModelView Model, bool Created)> AddAsync(StagedFile staged, string? name, string fallbackName, CancellationToken cancellation)
    {
        var cleanName = Names.Clean(name, fallbackName);
        await using var db = await store.CreateDbContextAsync(cancellation);
        if (await db.Models.AsNoTracking().SingleOrDefaultAsync(m => m.Sha256 == staged.Sha256, cancellation) is { } known)
        {
            if (checks.Fault(files.PathOf(known.Sha256), known.Sha256) is not null)
            {
                using var mended = await files.PutAsync(staged, cancellation);
                LogMended(log, known.Id);
            }

            return (View(known), false);
        }

        var summary = await CheckAsync(staged, cancellation);
        var row = new ModelRow
        {
            Id = Names.NewId(),
            Name = cleanName,
            Sha256 = staged.Sha256,
            SizeBytes = staged.Length,
            Summary = JsonSerializer.Serialize(summary, LabJson.Options),
            CreatedAt = time.Now(),
        };
        try
        {
            return await InsertAsync(db, row, staged, cancellation);
        }
        catch
        {
            // A file without a row would lie there until the next start.
            await files.DeleteUnreferencedAsync([row.Sha256], candidates => StoreStart.ReferencedAsync(db, candidates, CancellationToken.None), CancellationToken.None);
            throw;
        }
    }

    private async Task<(ModelView Model, bool Created)> InsertAsync(LabDb db, ModelRow row, StagedFile staged, CancellationToken cancellation)
    {
        using var pin = await files.PutAsync(staged, cancellation);

        // Guarantee: the transaction takes SQLite's one place for a writer at once, so of two uploads of the same bytes the
        // second asks after the first has answered.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await db.Models.AsNoTracking().SingleOrDefaultAsync(m => m.Sha256 == staged.Sha256, cancellation) is { } faster)
        {
            return (View(faster), false);
        }

        db.Models.Add(row);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        manifests.Write(row);
        LogAdded(log, row.Id, row.SizeBytes);
        return (View(row), true);
    }

    /// <summary>Checks an upload, for so long and no longer; many at once would take turns at the processors, and memory for all of them.</summary>
    /// <exception cref="ModelRejectedException">It is not a model we take, or the check does not come to its end.</exception>
    private async Task<ModelSummary> CheckAsync(StagedFile staged, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation);
        var seconds = options.Value.MaxCheckSeconds;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var bytes = await File.ReadAllBytesAsync(staged.Path, cancellation);
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
            return await Task.Run(() => OnnxModel.Load(bytes, end.Token).Summary, cancellation);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new ModelRejectedException($"The check of the model was cut off after {seconds} seconds (Lab:MaxCheckSeconds). {error.Message}", error);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Models, newest first.</summary>
    public async Task<Page<ModelView>> ListAsync(int? take, string? after, CancellationToken cancellation)
    {
        var request = PageRequest.From(take, after);
        await using var db = await store.CreateDbContextAsync(cancellation);
        var rows = await db.Models.AsNoTracking().Where(m => m.Sequence < request.Before)
            .OrderByDescending(m => m.Sequence).Take(request.Take + 1).ToListAsync(cancellation);
        return Page<ModelView>.From(rows, request, r => r.Sequence, View);
    }

    /// <summary>One model.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    public async Task<ModelView> FindAsync(string id, CancellationToken cancellation) => View(await RowAsync(id, cancellation));

    /// <summary>The nodes of a model in topological order.</summary>
    public async Task<IReadOnlyList<NodeSummary>> NodesAsync(string id, CancellationToken cancellation)
    {
        var row = await RowAsync(id, cancellation);
        return OnnxModel.Load(await ReadAsync(row, cancellation), cancellation).Nodes;
    }

    /// <summary>Where a model can be cut cleanly, in the order of the network; none where its shapes are open.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    public async Task<IReadOnlyList<SuggestedCut>> CutsAsync(string id, CancellationToken cancellation)
    {
        var row = await RowAsync(id, cancellation);
        if (cuts.TryGetValue(row.Sha256, out var known))
        {
            return known;
        }

        var bytes = await ReadAsync(row, cancellation);
        var found = await Task.Run(() => Suggest(OnnxModel.Load(bytes, cancellation)), cancellation);
        if (cuts.Count >= MostCutsKept)
        {
            cuts.Clear();
        }

        // A fact of the file: asked again, it need not be loaded again.
        return cuts[row.Sha256] = found;
    }

    /// <summary>Which output holds the scores of classes, what it is taken for, and what the inputs are fed with.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    public async Task<ModelOutputView> OutputAsync(string id, CancellationToken cancellation)
    {
        var row = await RowAsync(id, cancellation);
        if (taken.TryGetValue(row.Sha256, out var known))
        {
            return known;
        }

        var bytes = await ReadAsync(row, cancellation);
        var view = await Task.Run(() => Look(OnnxModel.Load(bytes, cancellation)), cancellation);
        if (taken.Count >= MostCutsKept)
        {
            taken.Clear();
        }

        return taken[row.Sha256] = view;
    }

    /// <summary>The file as it was uploaded; the caller disposes it.</summary>
    public async Task<(ModelView Model, FileStream Content)> OpenFileAsync(string id, CancellationToken cancellation)
    {
        var row = await RowAsync(id, cancellation);
        await Task.Run(() => checks.RequireModel(files, row), cancellation);
        try
        {
            return (View(row), new FileStream(files.PathOf(row.Sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, useAsync: true));
        }
        catch (FileNotFoundException)
        {
            // Deleted between the two lines above.
            throw new NotFoundException("model", id);
        }
    }

    /// <summary>Deletes a model.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    /// <exception cref="ConflictException">A job that has not succeeded uses it.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellation)
    {
        var row = await RowAsync(id, cancellation);
        await using var db = await store.CreateDbContextAsync(cancellation);
        await JobInputs.DeleteInputAsync(db, disk, JobInputRow.Model, id, db.Models.Where(m => m.Id == id), cancellation);
        File.Delete(manifests.OfModel(id));
        await files.DeleteUnreferencedAsync([row.Sha256], candidates => StoreStart.ReferencedAsync(db, candidates, cancellation), cancellation);
        LogDeleted(log, id);
    }

    private async Task<byte[]> ReadAsync(ModelRow row, CancellationToken cancellation)
    {
        await Task.Run(() => checks.RequireModel(files, row), cancellation);
        return await File.ReadAllBytesAsync(files.PathOf(row.Sha256), cancellation);
    }

    private async Task<ModelRow> RowAsync(string id, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.Models.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, cancellation) ?? throw new NotFoundException("model", id);
    }

    private static ModelOutputView Look(OnnxModel model)
    {
        var inputs = ModelInputs.TryRead(model, new InputAsk(), out var fault);
        var reading = inputs is null ? null : Read(model, inputs, out fault);
        return new ModelOutputView(reading?.Output, reading?.Classes, reading?.TakenFor, fault?.Why, inputs is null ? null : [.. inputs.Inputs.Select(input => new ModelInputView(input.Name, input.Role, input.TakenFor))]);
    }

    // Where the graph names all sides of its input, it can be asked by a run.
    private static OutputReading? Read(OnnxModel model, InputReading inputs, out ReadingFault? fault)
    {
        var sides = inputs.Sample.Shape.Skip(1);
        var shape = inputs.Sample.Shape.Count > 1 && sides.All(side => side is > 0 and <= int.MaxValue) ? sides.Select(side => (int)side!.Value).ToArray() : null;
        return ModelOutput.TryRead(model, new OutputAsk(SampleShape: shape), out fault);
    }

    private static IReadOnlyList<SuggestedCut> Suggest(OnnxModel model) =>
        ModelInputs.TryRead(model, new InputAsk(), out _) is { } inputs && Read(model, inputs, out _) is { } reading ? ModelCuts.Suggest(ModelOutput.Apply(model, reading)) : [];

    private static ModelView View(ModelRow row)
    {
        var summary = JsonSerializer.Deserialize<ModelSummary>(row.Summary, LabJson.Options)!;
        return new(row.Id, row.Name, row.Sha256, row.SizeBytes, summary.Opset, summary.Parameters, summary.Inputs, summary.Outputs, row.CreatedAt);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Id} registered, {Bytes} bytes")]
    private static partial void LogAdded(ILogger logger, string id, long bytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "The file of model {Id} was damaged or missing and is whole again")]
    private static partial void LogMended(ILogger logger, string id);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Id} deleted")]
    private static partial void LogDeleted(ILogger logger, string id);
}
