using InteractionLab.Models.Training.Checkpoints;

namespace InteractionLab.Models.Tests.Training;

/// <summary>Checkpoint files: whole or known to be damaged.</summary>
public sealed class CheckpointTests : IDisposable
{
    private static readonly Checkpoint Sample = new(7, 123, [[1.5f, -2], [float.MinValue, float.Epsilon, -0f]], [[0.25f]], [[true, false, true]]);
    private readonly string _folder = Directory.CreateTempSubdirectory("lab-checkpoints-").FullName;

    [Fact]
    public void What_is_written_is_read()
    {
        var read = CheckpointFile.Read(Write(Sample));
        Assert.Equal((7, 123L), (read.Epoch, read.OptimizerSteps));
        Assert.Equal(Sample.Tensors, read.Tensors);
        Assert.Equal(Sample.Optimizer, read.Optimizer);
        Assert.Equal(Sample.Masks, read.Masks);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        var path = Write(Sample);
        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Throws<InvalidDataException>(() => CheckpointFile.Read(path));
        }
    }

    [Fact]
    public void A_changed_byte_is_refused_or_changes_nothing()
    {
        var path = Write(Sample);
        var bytes = File.ReadAllBytes(path);
        var refused = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x5A;
            File.WriteAllBytes(path, bytes);
            bytes[i] ^= 0x5A;
            try
            {
                var read = CheckpointFile.Read(path);
                Assert.Equal(Sample.Tensors, read.Tensors);
                Assert.Equal(Sample.Optimizer, read.Optimizer);
                Assert.Equal(Sample.Masks, read.Masks);
                Assert.Equal((7, 123L), (read.Epoch, read.OptimizerSteps));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, bytes.Length / 2, bytes.Length);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(Checkpoint checkpoint)
    {
        var path = Path.Combine(_folder, "checkpoint.npz");
        CheckpointFile.Write(path, checkpoint);
        return path;
    }
}
