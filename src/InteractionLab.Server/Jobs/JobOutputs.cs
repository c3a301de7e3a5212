using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;

namespace InteractionLab.Server.Jobs;

/// <summary>What a finished job leaves on disk: the result, its tables and its artifacts, in the folder <c>jobs/{id}/output</c>.</summary>
internal sealed class JobOutputs(DataDirectory data, FileChecks checks)
{
    /// <summary>The name of the folder of an output in that of its job.</summary>
    public const string Folder = "output";

    private const string ManifestFile = "manifest.json";
    private const string ManifestHash = "manifest.sha256";
    private const string ResultFile = "result.json";
    private const string Remedy = "Submit the job again, or put a backup back.";

    /// <summary>Writes an output. It appears complete or not at all.</summary>
    public async Task WriteAsync(string jobId, ExperimentOutput output, CancellationToken cancellation)
    {
        var temporary = data.NewTemporary();
        Directory.CreateDirectory(temporary);
        try
        {
            await WriteFilesAsync(temporary, output, cancellation);
            var target = FolderOf(jobId);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);

            // A crash between the move below and the change of state left it; nobody can have read it.
            data.Delete(target);

            // Checkpoint 3: the output is complete on disk. A crash before the state becomes succeeded writes it again, from the same cells.
            Directory.Move(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    /// <summary>The result of a finished job.</summary>
    /// <exception cref="DamagedException">It is not what was written.</exception>
    public async Task<byte[]> ReadResultAsync(string jobId, CancellationToken cancellation) =>
        await File.ReadAllBytesAsync(await PathOfAsync(jobId, (await ReadManifestAsync(jobId, cancellation)).Result, cancellation), cancellation);

    /// <summary>What files a finished job has.</summary>
    /// <exception cref="DamagedException">The list is not what was written.</exception>
    public async Task<OutputManifest> ReadManifestAsync(string jobId, CancellationToken cancellation)
    {
        var path = Path.Combine(FolderOf(jobId), ManifestFile);
        var hash = Path.Combine(FolderOf(jobId), ManifestHash);
        if (!File.Exists(path) || File.Exists(hash))
        {
            // Of an output of an earlier version there is no hash.
            checks.Require(path, File.Exists(hash) ? await File.ReadAllTextAsync(hash, cancellation) : "", $"The list of what the job '{jobId}' left", Remedy);
        }

        try
        {
            return JsonSerializer.Deserialize<OutputManifest>(await File.ReadAllBytesAsync(path, cancellation), LabJson.Options)!;
        }
        catch (JsonException)
        {
            throw new DamagedException($"The list of what the job '{jobId}' left is damaged: {Path.GetRelativePath(data.Root, path)}. {Remedy}");
        }
    }

    /// <summary>The path of a file that the manifest lists.</summary>
    /// <exception cref="DamagedException">It is not what was written.</exception>
    public async Task<string> PathOfAsync(string jobId, OutputFile file, CancellationToken cancellation)
    {
        var path = Path.Combine(FolderOf(jobId), file.File);
        await Task.Run(() => checks.Require(path, file.Sha256, $"'{file.Name}' of the job '{jobId}'", Remedy), cancellation);
        return path;
    }

    /// <summary>Removes everything a job left.</summary>
    public void Delete(string jobId) => data.Delete(Path.Combine(data.Jobs, jobId));

    /// <summary>The result object as the API gives it.</summary>
    public static byte[] Serialize(ExperimentOutput output) =>
        JsonSerializer.SerializeToUtf8Bytes(output.Result, output.Result.GetType(), LabJson.Options);

    /// <summary>A table as CSV (RFC 4180), numbers in their shortest exact form, nothing for null, NaN and infinity; a text that a spreadsheet would take for a formula has an apostrophe in front.</summary>
    public static string Csv(ResultTable table)
    {
        var text = new StringBuilder();
        Line(table.Columns.Select(c => (object?)c));
        foreach (var row in table.Rows)
        {
            Line(row);
        }

        return text.ToString();

        void Line(IEnumerable<object?> cells) => text.AppendJoin(',', cells.Select(CsvCell)).Append("\r\n");
    }

    private static string CsvCell(object? value)
    {
        var text = value switch
        {
            null => "",
            double d => double.IsFinite(d) ? d.ToString("R", CultureInfo.InvariantCulture) : "",
            float f => float.IsFinite(f) ? f.ToString("R", CultureInfo.InvariantCulture) : "",
            bool b => b ? "true" : "false",
            IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
            _ => Harmless(value.ToString() ?? ""),
        };
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    // A spreadsheet runs a cell that begins so as a formula, and names of classes, models and columns are anybody's text.
    private static string Harmless(string text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{text}" : text;

    private static async Task WriteFilesAsync(string folder, ExperimentOutput output, CancellationToken cancellation)
    {
        // Files have numbers for names, so that a table or artifact may be called anything.
        var result = await WriteFileAsync(folder, ResultFile, "result", "application/json", (s, c) => s.WriteAsync(Serialize(output), c).AsTask(), cancellation);
        var tables = new List<OutputFile>();
        foreach (var table in output.Tables)
        {
            tables.Add(await WriteFileAsync(folder, $"table{tables.Count}.csv", table.Name, "text/csv; charset=utf-8", (s, c) => s.WriteAsync(Encoding.UTF8.GetBytes(Csv(table)), c).AsTask(), cancellation));
        }

        var artifacts = new List<OutputFile>();
        foreach (var artifact in output.Artifacts)
        {
            artifacts.Add(await WriteFileAsync(folder, $"artifact{artifacts.Count}.bin", artifact.Name, artifact.ContentType, artifact.WriteAsync, cancellation));
        }

        var manifest = JsonSerializer.SerializeToUtf8Bytes(new OutputManifest(result, tables, artifacts), LabJson.Options);
        var list = await WriteFileAsync(folder, ManifestFile, "manifest", "application/json", (s, c) => s.WriteAsync(manifest, c).AsTask(), cancellation);
        await WriteFileAsync(folder, ManifestHash, "manifest's hash", "text/plain", (s, c) => s.WriteAsync(Encoding.ASCII.GetBytes(list.Sha256), c).AsTask(), cancellation);
    }

    private static async Task<OutputFile> WriteFileAsync(string folder, string file, string name, string contentType, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, file);
        await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, useAsync: true);
        await write(stream, cancellation);
        await stream.FlushAsync(cancellation);
        stream.Flush(flushToDisk: true);
        stream.Position = 0;
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
        return new OutputFile(name, file, contentType, stream.Length, sha256);
    }

    private string FolderOf(string jobId) => Path.Combine(data.Jobs, jobId, Folder);
}

/// <summary>The files of an output.</summary>
internal sealed record OutputManifest(OutputFile Result, IReadOnlyList<OutputFile> Tables, IReadOnlyList<OutputFile> Artifacts);

/// <summary>One file: what it is called, and where it lies in the output folder.</summary>
internal sealed record OutputFile(string Name, string File, string ContentType, long SizeBytes, string Sha256);
