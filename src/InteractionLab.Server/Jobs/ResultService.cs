using System.Text;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;

namespace InteractionLab.Server.Jobs;

/// <summary>Results, tables and artifacts of jobs.</summary>
internal sealed class ResultService(JobStore jobs, JobOutputs outputs, PartialResults partials)
{
    /// <summary>A job's result as JSON.</summary>
    /// <param name="id">The job.</param>
    /// <param name="partial">Whether what the finished cells support will do.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NotFoundException">There is no such job.</exception>
    /// <exception cref="ConflictException">There is no result (yet).</exception>
    public async Task<JobResult> ResultAsync(string id, bool partial, CancellationToken cancellation)
    {
        var row = await jobs.RowAsync(id, cancellation);
        if (IsComplete(row, partial))
        {
            return new(await ReadAsync(id, () => outputs.ReadResultAsync(id, cancellation)), false, row.Done, row.Total);
        }

        var result = await partials.GetAsync(row, cancellation);
        return new(result.Json, result.Done < row.Total, result.Done, row.Total);
    }

    /// <summary>What tables and artifacts a job has; an unfinished job has no artifacts.</summary>
    /// <exception cref="NotFoundException">There is no such job.</exception>
    /// <exception cref="ConflictException">There is no result (yet).</exception>
    public async Task<(IReadOnlyList<string> Tables, IReadOnlyList<ArtifactView> Artifacts)> OutputAsync(string id, bool partial, CancellationToken cancellation)
    {
        var row = await jobs.RowAsync(id, cancellation);
        if (IsComplete(row, partial))
        {
            var manifest = await ReadAsync(id, () => outputs.ReadManifestAsync(id, cancellation));
            return ([.. manifest.Tables.Select(t => t.Name)], [.. manifest.Artifacts.Select(View)]);
        }

        var result = await partials.GetAsync(row, cancellation);
        return ([.. result.Tables.Keys], []);
    }

    /// <summary>A table as CSV; the caller disposes the stream.</summary>
    /// <exception cref="NotFoundException">There is no such job or table.</exception>
    /// <exception cref="ConflictException">There is no result (yet).</exception>
    public async Task<(ArtifactView? File, Stream Content)> TableAsync(string id, string name, bool partial, CancellationToken cancellation)
    {
        var row = await jobs.RowAsync(id, cancellation);
        if (IsComplete(row, partial))
        {
            var manifest = await ReadAsync(id, () => outputs.ReadManifestAsync(id, cancellation));
            return await OpenAsync(id, manifest.Tables, "table", name, cancellation);
        }

        var result = await partials.GetAsync(row, cancellation);
        return result.Tables.TryGetValue(name, out var csv)
            ? (null, new MemoryStream(Encoding.UTF8.GetBytes(csv)))
            : throw new NotFoundException("table", name);
    }

    /// <summary>An artifact of a finished job; the caller disposes the stream.</summary>
    /// <exception cref="NotFoundException">There is no such job or artifact.</exception>
    /// <exception cref="ConflictException">The job has not succeeded.</exception>
    public async Task<(ArtifactView File, Stream Content)> ArtifactAsync(string id, string name, CancellationToken cancellation)
    {
        IsComplete(await jobs.RowAsync(id, cancellation), partial: false);
        var manifest = await ReadAsync(id, () => outputs.ReadManifestAsync(id, cancellation));
        return await OpenAsync(id, manifest.Artifacts, "artifact", name, cancellation);
    }

    private Task<(ArtifactView File, Stream Content)> OpenAsync(string id, IReadOnlyList<OutputFile> files, string what, string name, CancellationToken cancellation)
    {
        var file = files.FirstOrDefault(f => f.Name == name) ?? throw new NotFoundException(what, name);
        return ReadAsync(id, async () => (View(file), (Stream)new FileStream(await outputs.PathOfAsync(id, file, cancellation), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, useAsync: true)));
    }

    private static bool IsComplete(JobRow row, bool partial)
    {
        var state = JobStates.Parse(row.State);
        return state is JobState.Succeeded || (partial
            ? false
            : throw new ConflictException($"The job is {row.State} and has no result; ?partial=true gives what its {row.Done} finished {row.Unit} support."));
    }

    /// <summary>Reads a file of a job that may be deleted meanwhile.</summary>
    private async Task<T> ReadAsync<T>(string id, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (IOException error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotFoundException("job", id);
        }
        catch (DamagedException)
        {
            // Of a job that is gone its files are not missing.
            await jobs.RowAsync(id, CancellationToken.None);
            throw;
        }
    }

    private static ArtifactView View(OutputFile file) => new(file.Name, file.ContentType, file.SizeBytes, file.Sha256);
}
