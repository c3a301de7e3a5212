using System.Globalization;

namespace InteractionLab.Models.Training.Checkpoints;

/// <summary>
/// The checkpoints of one run. The two newest stay: the epoch that was finished last may have to be computed again, when
/// its results were lost with the process, and that takes the one before it.
/// </summary>
internal sealed class CheckpointFolder(string folder)
{
    private const int Kept = 2;
    private const string Prefix = "epoch-";
    private const string Extension = ".npz";

    /// <summary>Adds a checkpoint and removes those that are no longer needed.</summary>
    public void Save(Checkpoint checkpoint)
    {
        Directory.CreateDirectory(folder);
        CheckpointFile.Write(PathOf(checkpoint.Epoch), checkpoint);
        foreach (var (epoch, path) in Files())
        {
            // Later epochs are left from an attempt that went further; this one takes their place.
            if (epoch > checkpoint.Epoch || epoch <= checkpoint.Epoch - Kept)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Restores the newest sound checkpoint at or before an epoch; says what is wrong with those passed over.</summary>
    public bool Restore(NetworkState state, int epoch, Action<string> fault)
    {
        foreach (var (number, path) in Files().Where(file => file.Epoch <= epoch).OrderByDescending(file => file.Epoch))
        {
            try
            {
                var checkpoint = CheckpointFile.Read(path);
                if (checkpoint.Epoch != number)
                {
                    throw new InvalidDataException($"it holds epoch {checkpoint.Epoch}");
                }

                state.Restore(checkpoint);
                return true;
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException)
            {
                fault($"The checkpoint of epoch {number} was passed over: {exception.Message.TrimEnd('.')}.");
            }
        }

        return false;
    }

    private string PathOf(int epoch) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{epoch:D6}{Extension}"));

    private IReadOnlyList<(int Epoch, string Path)> Files() => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, $"{Prefix}*{Extension}")
            .Select(path => (Number(path), path))
            .Where(file => file.Item1 >= 0)];

    private static int Number(string path) =>
        int.TryParse(Path.GetFileNameWithoutExtension(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : -1;
}
