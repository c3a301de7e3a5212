namespace InteractionLab.Experiments.PruningSweep;

/// <summary>
/// The base cells of a job for the cells that compare with them. Each is computed once for all ratios: it is taken from the
/// cells finished before, else from the job's folder, else computed and left there; so the order of cells does not matter
/// and a killed attempt loses none.
/// </summary>
internal sealed class BaseBlocks(IJobContext context, Func<int, IProgress<double>?, CancellationToken, Task<byte[]>> begin)
{
    private (int Block, SweepCell<BaseBlock> Cell)? _last;

    /// <summary>Begins a base cell; the task gives its bytes, which are in the job's folder then.</summary>
    public Task<byte[]> BeginAsync(int block, IProgress<double>? progress, CancellationToken cancellation)
    {
        var path = Path.Combine(context.Folder, $"unpruned-{block}");
        if (File.Exists(path) && TryRead(File.ReadAllBytes(path)) is { } kept)
        {
            return Task.FromResult(kept.Bytes);
        }

        return WriteAsync(path, begin(block, progress, cancellation));
    }

    private static async Task<byte[]> WriteAsync(string path, Task<byte[]> computing)
    {
        var bytes = await computing.ConfigureAwait(false);
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        // From here another attempt finds it whole.
        File.Move(temporary, path, overwrite: true);
        return bytes;
    }

    /// <summary>A base cell.</summary>
    public async Task<SweepCell<BaseBlock>> ReadAsync(int block, CancellationToken cancellation)
    {
        if (_last is { } last && last.Block == block)
        {
            return last.Cell;
        }

        using var finished = context.Finished.Open(block);
        var cell = finished is not null
            ? SweepCell<BaseBlock>.Read(finished)
            : TryRead(await BeginAsync(block, null, cancellation).ConfigureAwait(false))?.Cell ?? throw new InvalidDataException($"The base cell {block} cannot be read back.");
        _last = (block, cell);
        return cell;
    }

    private static (byte[] Bytes, SweepCell<BaseBlock> Cell)? TryRead(byte[] bytes)
    {
        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            return (bytes, SweepCell<BaseBlock>.Read(stream));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
