using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;

namespace InteractionLab.Server.Store;

/// <summary>
/// What work took on this machine, kept across restarts in one small file. It is read when first asked for and written a few
/// seconds after a change and at the end; a killed server loses the last seconds of it. A file that is missing or damaged,
/// or that names another machine's processors, counts as empty.
/// </summary>
internal sealed partial class SpeedFile(DataDirectory data, TimeProvider time, ILogger<SpeedFile> log) : BackgroundService
{
    private const int Version = 1;
    private const double MostSeconds = 1e6;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private RateMemory? _rates;
    private long _saved;

    /// <summary>The rates.</summary>
    public RateMemory Rates
    {
        get
        {
            lock (_gate)
            {
                return _rates ??= Load();
            }
        }
    }

    /// <summary>Writes what changed since the last time.</summary>
    public void Save()
    {
        lock (_gate)
        {
            if (_rates is null || _rates.Version == _saved)
            {
                return;
            }

            var version = _rates.Version;
            var temporary = data.NewTemporary();
            try
            {
                var content = new Content(Version, Machine, _rates.Snapshot().ToDictionary(rate => rate.Key, rate => rate.Value, StringComparer.Ordinal));
                Directory.CreateDirectory(Path.GetDirectoryName(data.Speeds)!);
                using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                {
                    JsonSerializer.Serialize(file, content, LabJson.Options);
                    file.Flush(flushToDisk: true);
                }

                // From here the new file is whole; before, the old one is.
                File.Move(temporary, data.Speeds, overwrite: true);
                _saved = version;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                LogUnwritable(log, error);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Save();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Save();
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    // Rates of another machine, or of a container with fewer processors, say nothing of this one.
    private static string Machine => $"{Environment.MachineName} {ProcessorShare.Processors}";

    private RateMemory Load()
    {
        var rates = new RateMemory();
        try
        {
            using var file = File.OpenRead(data.Speeds);
            if (JsonSerializer.Deserialize<Content>(file, LabJson.Options) is { Version: Version, Rates: { } kept } content && content.Machine == Machine)
            {
                foreach (var (key, rate) in kept.Where(rate => IsPossible(rate.Value)))
                {
                    rates.Keep(key, rate);
                }
            }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Nothing was measured yet, or somebody deleted it.
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            LogUnreadable(log, error);
        }

        _saved = rates.Version;
        return rates;
    }

    // Whatever wrote the file: a batch that nobody measures would only find out how much memory there is.
    private static bool IsPossible(Rate? rate) => rate is { SecondsPerUnit: >= 0 and <= MostSeconds, Rows: null or (>= 1 and <= BatchMeasurement.Largest) };

    private sealed record Content(int Version, string Machine, Dictionary<string, Rate> Rates);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The measured speeds cannot be read; they are measured again")]
    private static partial void LogUnreadable(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The measured speeds cannot be kept")]
    private static partial void LogUnwritable(ILogger logger, Exception error);
}
