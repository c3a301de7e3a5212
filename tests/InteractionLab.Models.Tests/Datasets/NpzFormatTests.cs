using InteractionLab.Models.Arrays;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Tests.Datasets;

public class NpzFormatTests
{
    [Theory]
    [InlineData(NumPyFiles.F8)]
    [InlineData(NumPyFiles.F2)]
    [InlineData(NumPyFiles.I1)]
    [InlineData(NumPyFiles.I2)]
    [InlineData(NumPyFiles.I4)]
    [InlineData(NumPyFiles.I8)]
    [InlineData(NumPyFiles.Bool)]
    public void Every_element_type_is_read(string file)
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.npz", Convert.FromBase64String(file)).Open("npz");
        Assert.Equal((SampleKind.Tabular, 3, 0), (dataset.Summary.Kind, dataset.Summary.Count, dataset.Summary.Classes));
        Assert.Equal([[1, 0], [0, 1], [1, 1]], Enumerable.Range(0, 3).Select(i => dataset.Get(i).Values));
        Assert.Null(dataset.Labels);
        Assert.Equal(2 / 3.0, dataset.Mean[0], 1e-7);
    }

    [Fact]
    public void Labels_and_columns_are_read()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.npz", Convert.FromBase64String(NumPyFiles.Single)).Open("npz", """{"mean": [1, 0, 0], "std": [0.5, 1, 2]}""");
        Assert.Equal([3, 1], dataset.Labels);
        Assert.Equal(4, dataset.Summary.Classes);
        Assert.Equal([1f, -2f, 1.5f], dataset.Get(0).Values);
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset.Get(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset.Get(-1));
    }

    [Fact]
    public void Fortran_order_and_channels_last_are_turned()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.npz", Convert.FromBase64String(NumPyFiles.Fortran)).Open("npz", """{"layout": "hwc"}""");
        Assert.Equal([3, 2, 3], dataset.Summary.SampleShape);
        Assert.Equal([1, 0], dataset.Labels);
        for (var i = 0; i < 36; i++)
        {
            // Element i of [sample, row, column, channel].
            int sample = i / 18, row = i / 9 % 2, column = i / 3 % 3, channel = i % 3;
            Assert.Equal(i / 255.0, dataset.Get(sample).Values[(channel * 6) + (row * 3) + column], 1e-7);
        }
    }

    [Fact]
    public void Games_keep_their_doubles()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("v.npz", Convert.FromBase64String(NumPyFiles.Games)).Open("npz");
        Assert.Equal((SampleKind.Games, 2), (dataset.Summary.Kind, dataset.Summary.Count));
        Assert.Equal([4], dataset.Summary.SampleShape);
        Assert.Equal([4 / 3.0, 5 / 3.0, 2, 7 / 3.0], dataset.Game(1));
        Assert.Empty(dataset.Mean);
        Assert.Throws<InvalidOperationException>(() => dataset.Get(0));
        Assert.Null(dataset.Png(0));
    }

    [Theory]
    [InlineData(NumPyFiles.Version2)]
    [InlineData(NumPyFiles.Version3)]
    public void Later_versions_of_the_header_are_read(string file)
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.npz", new RawZip().Add("x.npy", Convert.FromBase64String(file)).ToBytes()).Open("npz");
        Assert.Equal([1f, 2f], dataset.Get(0).Values);
    }

    [Fact]
    public void Pictures_of_floats_are_shown_between_their_extremes()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.npz", Write(npz => npz.Write<float>("x", [-1, 0, 1, 3], 1, 2, 2))).Open("npz");
        Assert.Equal((SampleKind.Image, 1), (dataset.Summary.Kind, dataset.Summary.SampleShape[0]));
        using var again = new Upload();
        using var shown = again.Add("x.png", dataset.Png(0)!).Open("images");
        Assert.Equal([0, 64, 128, 255], shown.Get(0).Values.Select(v => (int)Math.Round(v * 255)));
    }

    [Fact]
    public void Arrays_of_other_names_are_taken_as_the_options_say()
    {
        var file = Write(npz =>
        {
            npz.Write<float>("train_images", [1, 2, 3, 4], 2, 2);
            npz.Write<byte>("train_labels", [1, 0], 2, 1);
            npz.Write<float>("test_images", [9, 9], 1, 2);
        });
        using var upload = new Upload();
        using var dataset = upload.Add("x.npz", file).Open("npz", """{"x": "train_images", "y": "train_labels"}""");
        Assert.Equal([[1, 2], [3, 4]], Enumerable.Range(0, 2).Select(i => dataset.Get(i).Values));
        Assert.Equal([1, 0], dataset.Labels);
        Assert.Equal("train_labels", dataset.Summary.Options.GetProperty("y").GetString());
        using var test = new Upload();
        using var unlabelled = test.Add("x.npz", file).Open("npz", """{"x": "test_images"}""");
        Assert.Equal((1, 0), (unlabelled.Summary.Count, unlabelled.Summary.Classes));
        using var bare = new Upload();
        bare.Add("x.npz", file).Refused("npz", "files", "(train_images, train_labels, test_images) the options x and y");
        using var wrong = new Upload();
        wrong.Add("x.npz", file).Refused("npz", "options.y", "holds train_images", """{"x": "train_images", "y": "labels"}""");
        using var missing = new Upload();
        missing.Add("x.npz", file).Refused("npz", "options.x", "is needed", """{"y": "train_labels"}""");
    }

    [Fact]
    public void One_hot_labels_are_classes()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.npz", Write(npz => { npz.Write<float>("x", [1, 2, 3], 3, 1); npz.Write<float>("y", [0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0], 3, 4); })).Open("npz");
        Assert.Equal([2, 0, 1], dataset.Labels);
        Assert.Equal(4, dataset.Summary.Classes);
        Assert.True(dataset.Summary.Options.GetProperty("oneHotLabels").GetBoolean());
        Assert.Equal(3, dataset.Summary.Options.GetProperty("emptyClasses")[0].GetInt32());
        foreach (float[] second in (float[][])[[0, 0], [1, 1], [0.5f, 0.5f], [2, 0], [-1, 1]])
        {
            Refused("y: labels have the shape [N] or, one-hot, [N, classes]; row 1", npz => { npz.Write<float>("x", [1, 2], 2, 1); npz.Write<float>("y", [1, 0, .. second], 2, 2); });
        }
    }

    [Theory]
    [InlineData(8, 8, 3, "hwc")]
    [InlineData(28, 28, 1, "hwc")]
    [InlineData(5, 6, 4, null)]
    [InlineData(16, 100, 1, null)]
    [InlineData(4, 4, 4, null)]
    [InlineData(3, 3, 3, null)]
    [InlineData(3, 16, 3, null)]
    [InlineData(8, 8, 2, null)]
    [InlineData(8, 8, 4, "hwc")]
    [InlineData(1, 1, 1, "chw")]
    [InlineData(8, 8, 8, "chw")]
    [InlineData(3, 8, 8, "chw")]
    [InlineData(3, 8, 4, "chw")]
    [InlineData(1, 28, 28, "chw")]
    [InlineData(16, 4, 4, "chw")]
    [InlineData(2, 4, 4, "chw")]
    public void Channels_last_are_recognised_or_asked_for(int first, int second, int third, string? layout)
    {
        using var upload = new Upload();
        upload.Add("x.npz", Write(npz => npz.Write<byte>("x", new byte[first * second * third], 1, first, second, third)));
        if (layout is null)
        {
            upload.Refused("npz", "options.layout", "is needed");
            Assert.Equal([first, second, third], upload.Import("npz", """{"layout": "chw"}""").SampleShape);
            return;
        }

        var summary = upload.Import("npz");
        Assert.Equal(layout == "hwc" ? [third, first, second] : [first, second, third], summary.SampleShape);
        Assert.Equal(layout, summary.Options.GetProperty("layout").GetString());
    }

    [Fact]
    public void Faults_are_named()
    {
        Refused("3 labels for 2 samples", npz => { npz.Write<float>("x", [1, 2], 2, 1); npz.Write<int>("y", [1, 2, 3]); });
        Refused("y: entry 1 is -1", npz => { npz.Write<float>("x", [1, 2], 2, 1); npz.Write<int>("y", [1, -1]); });
        Refused("y: entry 0 is 0.5", npz => { npz.Write<float>("x", [1, 2], 2, 1); npz.Write<double>("y", [0.5, 1]); });
        Refused("y: labels have the shape [N]", npz => { npz.Write<float>("x", [1, 2], 2, 1); npz.Write<int>("y", [1, 1, 1, 1], 2, 2); });
        Refused("x: sample 1 holds a value", npz => npz.Write<float>("x", [1, float.NaN], 2, 1));
        Refused("x: sample 0 holds a value", npz => npz.Write<double>("x", [1e300], 1, 1));
        Refused("v: game 0 holds a value", npz => npz.Write<double>("v", [1, double.PositiveInfinity], 1, 2));
        Refused("v: game 1, mask 0 is -1E+308, beyond 1e300", npz => npz.Write<double>("v", [1, 1e300, -1e308, 0], 2, 2));
        Refused("v: games have the shape", npz => npz.Write<double>("v", [1, 2, 3], 1, 3));
        Refused("v: games have the shape", npz => npz.Write<double>("v", [1], 1, 1));
        Refused("must hold x", npz => npz.Write<double>("z", [1], 1, 1));
        Refused("must hold x", npz => { npz.Write<double>("x", [1], 1, 1); npz.Write<double>("v", [1, 2], 1, 2); });
        Refused("no samples", npz => npz.Write<double>("x", [], 0, 3));
        Refused("empty", npz => npz.Write<double>("x", [], 3, 0));
        Refused("5 dimensions", npz => npz.Write<double>("x", [1], 1, 1, 1, 1, 1));
        Refused("0 dimensions", npz => npz.Write<double>("x", [1], [1L]), "{'descr': '<f8', 'fortran_order': False, 'shape': (), }");
    }

    [Theory]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 10), }", "larger than the limit")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 10), }", "ends inside sample")]
    [InlineData("{'descr': '<f8', 'fortran_order': True, 'shape': (1000000, 10), }", "ends before")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "larger than any file")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 0), }", "larger than")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", "not a size")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", "not a size")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "element type '|O'")]
    [InlineData("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }", "element type '>f8'")]
    [InlineData("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", "records")]
    [InlineData("{'descr': '<f8', 'shape': (1,), }", "not well formed")]
    [InlineData("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "not well formed")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } import os", "not well formed")]
    public void Hostile_headers_are_refused(string header, string message) => Refused(message, npz => npz.Write<double>("x", [1]), header);

    [Fact]
    public void Options_of_samples_do_not_apply_to_games()
    {
        using var upload = new Upload();
        upload.Add("v.npz", Convert.FromBase64String(NumPyFiles.Games)).Refused("npz", "options.mean", "", """{"mean": 0}""");
        using var layout = new Upload();
        layout.Add("x.npz", Convert.FromBase64String(NumPyFiles.Single)).Refused("npz", "options.layout", "chw or hwc", """{"layout": "x"}""");
    }

    private static void Refused(string message, Action<NpzWriter> write, string? header = null)
    {
        using var upload = new Upload();
        upload.Add("x.npz", header is null ? Write(write) : new RawZip().Add("x.npy", Npy(header, new byte[8])).ToBytes()).Refused("npz", "files", message);
    }

    private static byte[] Npy(string header, byte[] data)
    {
        byte[] start = [0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length + 1), 0];
        return [.. start, .. System.Text.Encoding.ASCII.GetBytes(header), (byte)'\n', .. data];
    }

    private static byte[] Write(Action<NpzWriter> write)
    {
        using var output = new MemoryStream();
        using (var npz = new NpzWriter(output, leaveOpen: true))
        {
            write(npz);
            npz.Complete();
        }

        return output.ToArray();
    }
}
