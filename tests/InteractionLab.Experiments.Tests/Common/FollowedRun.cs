using System.Text.Json;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.Tests.Common;

/// <summary>A training job <c>run</c> at a moment of its life; its cells are as training jobs write them.</summary>
internal static class FollowedRun
{
    /// <summary>The cells of a job without any.</summary>
    public static ICellSource NoCells { get; } = new Cells([]);

    /// <summary>The tiny lab with the networks of three epochs, <c>m0</c>, <c>m2</c> and <c>m3</c>, and a reference <c>r</c>.</summary>
    public static Lab NewLab()
    {
        var lab = Lab.Tiny();
        foreach (var (id, scale) in new[] { ("m0", 0.5), ("m2", 1), ("m3", 3), ("r", 2.0) })
        {
            lab.AddModel(id, TinyNetwork.Onnx([3, 8, 8], 4, scale: scale));
        }

        return lab;
    }

    /// <summary>A job of 3 epochs that keeps epochs 0, 2 and 3 unless said otherwise.</summary>
    public static void Set(Lab lab, CatalogJobState state, int finished, PruneSpec? prune = null, int[]? kept = null)
    {
        var spec = new TrainingSpec { Epochs = 3, Snapshots = SnapshotEpochs.Of(kept ?? [0, 2, 3]), Prune = prune };
        var cells = Enumerable.Range(0, 4).Select(epoch => epoch < finished
            ? CellFile.Write(new { snapshot = epoch == 1 ? null : new SnapshotResult(epoch, 0, null, $"m{epoch}", $"m{epoch}", string.Empty, 0.5) })
            : null);
        lab.SetJob(new CatalogJob("run", "training", "a run", state, JsonSerializer.SerializeToElement(spec, LabJson.Options), null, new Cells([.. cells])));
    }

    private sealed class Cells(byte[]?[] cells) : ICellSource
    {
        public int Count => cells.Length;

        public Stream? Open(int index) => cells[index] is { } bytes ? new MemoryStream(bytes, writable: false) : null;
    }
}
