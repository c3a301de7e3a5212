using InteractionLab.Models.Arrays;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Datasets.Training;

namespace InteractionLab.Models.Tests.Datasets.Training;

/// <summary>Batches are a function of seed, epoch and sample, and hold what the dataset holds.</summary>
public sealed class TrainingBatchesTests
{
    private const int Rows = 23;
    private static readonly int[] Some = [3, 5, 7, 8, 11, 13, 17];

    [Fact]
    public void An_epoch_shows_each_sample_once_in_an_order_of_its_own()
    {
        using var upload = new Upload();
        using var dataset = Table(upload);
        var batches = new TrainingBatches(dataset, [.. Enumerable.Range(0, Rows)], 5, Augmentation.None, 7);
        Assert.Equal(5, batches.BatchesPerEpoch);
        var (first, second) = (Seen(batches.Epoch(0)), Seen(batches.Epoch(1)));
        Assert.Equal(Enumerable.Range(0, Rows), first.Order());
        Assert.Equal(Enumerable.Range(0, Rows), second.Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(Enumerable.Range(0, Rows), first);
        Assert.Equal(second, Seen(new TrainingBatches(dataset, [.. Enumerable.Range(0, Rows)], 5, Augmentation.None, 7).Epoch(1)));
        Assert.NotEqual(first, Seen(new TrainingBatches(dataset, [.. Enumerable.Range(0, Rows)], 5, Augmentation.None, 8).Epoch(0)));
    }

    [Theory]
    [InlineData(TrainingBatches.DefaultMemoryLimit)]
    [InlineData(0)]
    public void A_batch_holds_values_and_labels_of_its_samples(long memory)
    {
        using var upload = new Upload();
        using var dataset = Table(upload);
        var batches = new TrainingBatches(dataset, Some, 3, Augmentation.None, 1, memory);
        for (var epoch = 0; epoch < 2; epoch++)
        {
            var sizes = new List<int>();
            foreach (var batch in batches.Epoch(epoch, TestContext.Current.CancellationToken))
            {
                Assert.Equal(sizes.Count, batch.Number);
                sizes.Add(batch.Count);
                for (var i = 0; i < batch.Count; i++)
                {
                    Assert.Contains(batch.Indices[i], Some);
                    Assert.Equal(dataset.Get(batch.Indices[i]).Values, batch.Values[(i * 2)..((i + 1) * 2)]);
                    Assert.Equal(dataset.Labels![batch.Indices[i]], batch.Labels[i]);
                }
            }

            Assert.Equal([3, 3, 1], sizes);
        }
    }

    [Fact]
    public void In_order_is_the_order_given_without_changes()
    {
        using var upload = new Upload();
        using var dataset = Pictures(upload);
        var batches = new TrainingBatches(dataset, [2, 0, 1], 2, new Augmentation(2, true), 1);
        foreach (var batch in batches.InOrder(TestContext.Current.CancellationToken))
        {
            Assert.Equal(batch.Number == 0 ? [2, 0] : [1], batch.Indices[..batch.Count]);
            Assert.Equal(dataset.Get(batch.Indices[0]).Values, batch.Values[..batch.Cells]);
        }
    }

    [Fact]
    public void A_crop_is_a_window_of_the_picture_with_a_border_of_black_pixels()
    {
        using var upload = new Upload();
        using var dataset = Pictures(upload);
        var seen = new HashSet<(int Down, int Right, bool Mirrored)>();
        var batches = new TrainingBatches(dataset, [0, 1, 2], 3, new Augmentation(2, true), 5);
        for (var epoch = 0; epoch < 120; epoch++)
        {
            foreach (var batch in batches.Epoch(epoch, TestContext.Current.CancellationToken))
            {
                for (var i = 0; i < batch.Count; i++)
                {
                    seen.Add(Explain(batch.Values.AsSpan(i * batch.Cells, batch.Cells).ToArray(), dataset.Get(batch.Indices[i]).Values));
                }
            }
        }

        // 25 windows, each also mirrored; 360 draws miss one with probability below 0.04.
        Assert.InRange(seen.Count, 48, 50);
    }

    [Fact]
    public void Changes_depend_on_seed_epoch_and_sample_alone()
    {
        using var upload = new Upload();
        using var dataset = Pictures(upload);
        var all = ByIndex(new TrainingBatches(dataset, [0, 1, 2], 3, new Augmentation(2, true), 5), 9);
        var alone = ByIndex(new TrainingBatches(dataset, [1], 1, new Augmentation(2, true), 5), 9);
        Assert.Equal(all[1], alone[1]);
    }

    [Fact]
    public void What_cannot_be_trained_on_is_refused()
    {
        using var upload = new Upload();
        using var dataset = Table(upload);
        Assert.Throws<ArgumentException>(() => new TrainingBatches(dataset, [], 3, Augmentation.None, 1));
        Assert.Throws<ArgumentException>(() => new TrainingBatches(dataset, [Rows], 3, Augmentation.None, 1));
        Assert.Throws<ArgumentException>(() => new TrainingBatches(dataset, [0], 3, new Augmentation(Flip: true), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingBatches(dataset, [0], 0, Augmentation.None, 1));
        using var other = new Upload();
        using var bare = other.Add("t.csv", "1,2\n3,4\n").Open("csv", """{"label": null}""");
        Assert.Throws<ArgumentException>(() => new TrainingBatches(bare, [0], 3, Augmentation.None, 1));
    }

    [Fact]
    public void An_epoch_left_early_leaves_nothing_running()
    {
        using var upload = new Upload();
        using var dataset = Table(upload);
        var batches = new TrainingBatches(dataset, [.. Enumerable.Range(0, Rows)], 1, Augmentation.None, 7, memoryLimit: 0);
        Assert.Equal(0, batches.Epoch(0, TestContext.Current.CancellationToken).First().Number);
        using var stopped = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var batch in batches.Epoch(0, stopped.Token))
            {
                stopped.Cancel();
            }
        });
    }

    private static int[] Seen(IEnumerable<Batch> epoch) => [.. epoch.SelectMany(batch => batch.Indices[..batch.Count])];

    private static Dictionary<int, float[]> ByIndex(TrainingBatches batches, int epoch) =>
        batches.Epoch(epoch).SelectMany(batch => Enumerable.Range(0, batch.Count).Select(i => (batch.Indices[i], batch.Values[(i * batch.Cells)..((i + 1) * batch.Cells)])))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2);

    /// <summary>The one window of the padded picture that a changed picture is.</summary>
    private static (int Down, int Right, bool Mirrored) Explain(float[] changed, float[] picture)
    {
        var found = new List<(int, int, bool)>();
        for (var k = 0; k < 50; k++)
        {
            var (down, right, mirrored) = ((k % 5) - 2, (k / 5 % 5) - 2, k >= 25);
            var same = true;
            for (var cell = 0; cell < changed.Length; cell++)
            {
                int c = cell / 20, y = (cell % 20 / 5) + down, x = cell % 5;
                x = (mirrored ? 4 - x : x) + right;
                var expected = y is >= 0 and < 4 && x is >= 0 and < 5 ? picture[(c * 20) + (y * 5) + x] : c == 0 ? -2f : -0.25f;
                same &= changed[cell] == expected;
            }

            if (same)
            {
                found.Add((down, right, mirrored));
            }
        }

        return Assert.Single(found);
    }

    private static IDataset Table(Upload upload) =>
        upload.Add("t.csv", string.Concat(Enumerable.Range(0, Rows).Select(i => $"{i},{i * i},{i % 3}\n"))).Open("csv", """{"label": 2}""");

    /// <summary>Three pictures [2, 4, 5] whose pixels all differ, normalised by mean 1 and 0.5, std 0.5 and 2.</summary>
    private static IDataset Pictures(Upload upload)
    {
        var x = new float[3 * 40];
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = 3 + i;
        }

        using var file = new MemoryStream();
        using (var npz = new NpzWriter(file, leaveOpen: true))
        {
            npz.Add<float>("x", 3, 2, 4, 5).Write(x);
            npz.Add<int>("y", 3).Write([0, 1, 0]);
            npz.Complete();
        }

        return upload.Add("p.npz", file.ToArray()).Open("npz", """{"mean": [1, 0.5], "std": [0.5, 2]}""");
    }
}
