using System.Text.Json;
using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// The batch sizes of one job: what the lab remembers when the job first needs one is written into the job's folder and
/// holds for all its attempts, whatever the lab learns meanwhile. So a resumed job runs the same rows together as an
/// uninterrupted one, and gives the same bits.
/// </summary>
/// <param name="shared">What the lab remembers.</param>
/// <param name="folder">The job's own folder (<see cref="IJobContext.Folder"/>).</param>
internal sealed class JobSpeeds(ISpeedMemory shared, string folder) : ISpeedMemory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SpeedMeasurement> _own = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public SpeedMeasurement? Find(string key)
    {
        lock (_gate)
        {
            if (Read(key) is { } own)
            {
                return own;
            }

            if (shared.Find(key) is not { } found)
            {
                return null;
            }

            Write(key, found);
            return found;
        }
    }

    /// <inheritdoc/>
    public void Keep(string key, SpeedMeasurement measurement)
    {
        lock (_gate)
        {
            shared.Keep(key, measurement);
            Write(key, measurement);
        }
    }

    private string PathOf(string key) => Path.Combine(folder, $"rows-{key}.json");

    private SpeedMeasurement? Read(string key)
    {
        if (!_own.TryGetValue(key, out var own) && PathOf(key) is var path && File.Exists(path))
        {
            _own[key] = own = JsonSerializer.Deserialize<SpeedMeasurement>(File.ReadAllBytes(path), LabJson.Options)!;
        }

        return own;
    }

    private void Write(string key, SpeedMeasurement measurement)
    {
        // Only a whole file ever bears the name: from here on every attempt uses these rows.
        var path = PathOf(key);
        var draft = path + ".new";
        using (var file = File.Create(draft))
        {
            JsonSerializer.Serialize(file, measurement, LabJson.Options);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
        _own[key] = measurement;
    }
}
