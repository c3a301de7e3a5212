using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Training.Checkpoints;

/// <summary>
/// A checkpoint as an uncompressed npz: <c>header</c> (version, epoch, optimizer steps), <c>tensor0..</c>,
/// <c>optimizer0..</c>, <c>mask0..</c>. Every array carries a CRC, so that a damaged file is known for one.
/// </summary>
internal static class CheckpointFile
{
    private const long Version = 1;

    /// <summary>Writes a file. When this returns it is whole and on disk under its name; until then its name is free or holds the file before.</summary>
    public static void Write(string path, Checkpoint checkpoint)
    {
        var temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            using (var npz = new NpzWriter(file, leaveOpen: true))
            {
                npz.Write<long>("header", [Version, checkpoint.Epoch, checkpoint.OptimizerSteps, checkpoint.Tensors.Count, checkpoint.Optimizer.Count, checkpoint.Masks.Count]);
                WriteAll(npz, "tensor", checkpoint.Tensors);
                WriteAll(npz, "optimizer", checkpoint.Optimizer);
                WriteAll(npz, "mask", checkpoint.Masks);
                npz.Complete();
            }

            file.Flush(flushToDisk: true);
        }

        // Guarantee: the rename comes after the flush, so a name never stands for half a file.
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads a file and checks all of it.</summary>
    /// <exception cref="InvalidDataException">Damaged, cut short, or not a checkpoint.</exception>
    public static Checkpoint Read(string path)
    {
        try
        {
            using var npz = new NpzReader(File.OpenRead(path));
            var header = npz.Read<long>("header").Values;
            if (header.Length != 6 || header[0] != Version)
            {
                throw new InvalidDataException("it was written by another version of the lab");
            }

            return new Checkpoint((int)header[1], header[2], ReadAll<float>(npz, "tensor", header[3]), ReadAll<float>(npz, "optimizer", header[4]), ReadAll<bool>(npz, "mask", header[5]));
        }
        catch (KeyNotFoundException exception)
        {
            throw new InvalidDataException("an array of it is missing", exception);
        }
    }

    private static void WriteAll<T>(NpzWriter npz, string name, IReadOnlyList<T[]> arrays)
        where T : unmanaged
    {
        for (var i = 0; i < arrays.Count; i++)
        {
            npz.Write<T>(FormattableString.Invariant($"{name}{i}"), arrays[i]);
        }
    }

    private static T[][] ReadAll<T>(NpzReader npz, string name, long count)
        where T : unmanaged
    {
        if (count < 0 || count > npz.Names.Count)
        {
            throw new InvalidDataException("its header does not fit its arrays");
        }

        return [.. Enumerable.Range(0, (int)count).Select(i => npz.Read<T>(FormattableString.Invariant($"{name}{i}")).Values)];
    }
}
