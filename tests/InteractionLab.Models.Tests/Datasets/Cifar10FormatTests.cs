using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Datasets;

public class Cifar10FormatTests
{
    private const int Record = 3073;
    private const string Options = """{"mean": [0.4914, 0.4822, 0.4465], "std": [0.2470, 0.2435, 0.2616]}""";

    [Fact]
    public void Two_batches_and_names_equal_a_direct_reading_of_the_binary()
    {
        var test = File.ReadAllBytes(SharedData.Path("data", "cifar10", "test_batch.bin"));
        var head = test[..(50 * Record)];
        using var upload = new Upload();
        upload.Add("a.bin", head).Add("batches.meta.txt", File.ReadAllBytes(SharedData.Path("data", "cifar10", "batches.meta.txt"))).Add("b.bin", test[(50 * Record)..(80 * Record)]);
        using var dataset = upload.Open("cifar10", Options);

        var summary = dataset.Summary;
        Assert.Equal((80, 10, "cifar10"), (summary.Count, summary.Classes, summary.Format));
        Assert.Equal([3, 32, 32], summary.SampleShape);
        Assert.Equal(("airplane", "truck"), (summary.ClassNames![0], summary.ClassNames[9]));

        double[] mean = [0.4914, 0.4822, 0.4465], std = [0.2470, 0.2435, 0.2616];
        var sums = new double[3072];
        for (var i = 0; i < 80; i++)
        {
            var sample = dataset.Get(i);
            Assert.Equal(test[i * Record], sample.Label);
            Assert.Equal(test[i * Record], dataset.Labels![i]);
            for (var k = 0; k < 3072; k++)
            {
                var expected = ((test[(i * Record) + 1 + k] / 255.0) - mean[k / 1024]) / std[k / 1024];
                Assert.Equal(expected, sample.Values[k], 1e-6);
                sums[k] += expected;
            }
        }

        var means = dataset.Mean;
        for (var k = 0; k < 3072; k++)
        {
            Assert.Equal(sums[k] / 80, means[k], 1e-6);
        }
    }

    [Fact]
    public void The_picture_shown_is_the_picture_uploaded()
    {
        var record = new byte[Record];
        new Random(5).NextBytes(record);
        record[0] = 3;
        using var upload = new Upload();
        using var dataset = upload.Add("x.bin", record).Open("cifar10", Options);

        using var again = new Upload();
        using var picture = again.Add("x.png", dataset.Png(0)!).Open("images");
        var shown = picture.Get(0).Values;
        for (var k = 0; k < 3072; k++)
        {
            Assert.Equal(record[1 + k], (int)Math.Round(shown[k] * 255));
        }
    }

    [Fact]
    public void Bad_batches_are_refused()
    {
        var record = new byte[Record];
        record[0] = 10;
        Refused("label 10", ("x.bin", record));
        Refused("truncated", ("x.bin", record[..^1]));
        Refused("empty", ("x.bin", []));
        record[0] = 9;
        Refused("names 1 classes", ("x.bin", record), ("batches.meta.txt", "cat\n"u8.ToArray()));
        Refused("binary batches", ("batches.meta.txt", "cat\n"u8.ToArray()));

        static void Refused(string message, params ReadOnlySpan<(string, byte[])> files)
        {
            using var upload = new Upload();
            foreach (var (name, bytes) in files)
            {
                upload.Add(name, bytes);
            }

            upload.Refused("cifar10", "files", message);
        }
    }

    [Theory]
    [InlineData("""{"mean": [0, 0]}""", "options.mean")]
    [InlineData("""{"mean": "x"}""", "options.mean")]
    [InlineData("""{"mean": [1e99]}""", "options.mean")]
    [InlineData("""{"std": [1, 0, 1]}""", "options.std")]
    [InlineData("""{"std": [true]}""", "options.std")]
    [InlineData("""{"sdt": 1}""", "options.sdt")]
    [InlineData("[1]", "options")]
    public void Bad_options_are_named(string options, string field)
    {
        using var upload = new Upload();
        upload.Add("x.bin", new byte[Record]).Refused("cifar10", field, "", options);
    }
}
