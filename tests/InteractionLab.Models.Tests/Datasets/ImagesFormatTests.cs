using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Tests.Datasets;

public class ImagesFormatTests
{
    private static readonly byte[] Grey = PngWriter.Grey(4, 3, 51);
    private static readonly byte[] Red = PngWriter.Rgb(4, 3, 255, 0, 0);

    [Fact]
    public void Class_folders_become_labels_in_ordinal_order()
    {
        var zip = new RawZip().Add("dog/", []).Add("dog/b.png", Grey, deflate: true).Add("cat/z.png", PngWriter.Grey(4, 3, 102))
            .Add("dog/a.png", PngWriter.Grey(4, 3, 153)).Add("__MACOSX/dog/._b.png", [1]).Add("dog/.DS_Store", [2]);
        using var upload = new Upload();
        using var dataset = upload.Add("x.zip", zip.ToBytes()).Open("images", """{"mean": 0.2, "std": [0.5]}""");
        Assert.Equal(["cat", "dog"], dataset.Summary.ClassNames);
        Assert.Equal([0, 1, 1], dataset.Labels);
        Assert.Equal([1, 3, 4], dataset.Summary.SampleShape);
        Assert.Equal([0.4f, 0.8f, 0f], Enumerable.Range(0, 3).Select(i => dataset.Get(i).Values[5]));
        Assert.All(dataset.Mean, m => Assert.Equal(0.4, m, 1e-7));
        Assert.Equal(0.2, dataset.Summary.Options.GetProperty("mean")[0].GetDouble());
    }

    [Fact]
    public void Number_folders_keep_their_numbers_and_a_wrapping_folder_is_no_class()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.zip", new RawZip().Add("set/10/a.png", Grey).Add("set/2/a.png", Grey).ToBytes()).Open("images");
        Assert.Equal([10, 2], dataset.Labels);
        Assert.Equal((11, null), (dataset.Summary.Classes, dataset.Summary.ClassNames));
    }

    [Fact]
    public void Grey_among_colour_becomes_colour_and_is_reported()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("a.png", Grey).Add("b.png", Red).Open("images");
        Assert.Equal([3, 3, 4], dataset.Summary.SampleShape);
        Assert.Equal((1, 3), (dataset.Summary.Options.GetProperty("greyToColour").GetInt32(), dataset.Summary.Options.GetProperty("channels").GetInt32()));
        Assert.All(dataset.Get(0).Values, v => Assert.Equal(0.2f, v));
        Assert.Equal((1f, 0f), (dataset.Get(1).Values[0], dataset.Get(1).Values[12]));

        using var other = new Upload();
        using var grey = other.Add("b.png", Red).Open("images", """{"channels": 1}""");
        Assert.Equal(76 / 255.0, grey.Get(0).Values[0], 1e-6);
        Assert.Equal(1, grey.Summary.Options.GetProperty("colourToGrey").GetInt32());
    }

    [Fact]
    public void Hostile_zips_are_refused()
    {
        Refused("'../a.png' leads out", new RawZip().Add("../a.png", Grey));
        Refused("leads out", new RawZip().Add("cat/../../a.png", Grey));
        Refused("leads out", new RawZip().Add("..\\a.png", Grey));
        Refused("leads out", new RawZip().Add("cat//a.png", Grey));
        Refused("absolute", new RawZip().Add("/etc/a.png", Grey));
        Refused("absolute", new RawZip().Add("C:\\a.png", Grey));
        Refused("link", new RawZip().Add("a.png", Grey, unixMode: 0xA1FF));
        Refused("twice", new RawZip().Add("a.png", Grey).Add("a.png", Grey));
        Refused("not deeper", new RawZip().Add("a/b.png", Grey).Add("a/b/c.png", Grey));
        Refused("not deeper", new RawZip().Add("a/b/c/d.png", Grey));
        Refused("not deeper", new RawZip().Add("a.png", Grey).Add("a/b.png", Grey));
        Refused("readme.txt: it is no PNG, JPEG, WebP or BMP", new RawZip().Add("cat/a.png", Grey).Add("cat/readme.txt", "hello"u8.ToArray()));
        Refused("a.png: it is empty", new RawZip().Add("a.png", []));
        Refused("encrypted", new RawZip().Add("a.png", Grey, flags: 1));
        Refused("cannot be unpacked", new RawZip().Add("a.png", Grey, method: 12));
        Refused("checksum", new RawZip().Add("a.png", Grey, crc: 1));
        Refused("no pictures", new RawZip());
        Refused("no pictures", new RawZip().Add("cat/", []));
        Refused("5 x 3 pixels where", new RawZip().Add("a.png", Grey).Add("b.png", PngWriter.Grey(5, 3, 1)));
    }

    [Fact]
    public void Lies_about_sizes_and_counts_are_found_out()
    {
        var bomb = new byte[1 << 22];
        var limits = new ImportLimits { MaxEntries = 3, MaxUnpackedBytes = 1 << 20, MaxPixels = 100 };
        Refused("limit of 1048576 bytes", new RawZip().Add("a.png", bomb, deflate: true), limits);
        Refused("checksum", new RawZip().Add("a.png", bomb, deflate: true, claimedSize: 100), limits);
        Refused("claims", new RawZip().Add("a.png", Grey, claimedSize: 100), limits);
        Refused("limit is 3", new RawZip().Add("a", Grey).Add("b", Grey).Add("c", Grey).Add("d", Grey), limits);
        Refused("limit is 100 pixels", new RawZip().Add("a.png", PngWriter.Grey(11, 10, 1)), limits);
        Refused("directory cannot be read", new RawZip().Add("a.png", Grey).ToBytes(2));
        Refused("directory cannot be read", new RawZip().Add("a.png", Grey).Add("b.png", Grey).ToBytes(1));
        var whole = new RawZip().Add("a.png", Grey).ToBytes();
        Refused("", whole[..^1]);
        Refused("", whole[..40]);
        Refused("directory cannot be read", [.. whole[..^6], 0xFF, 0xFF, 0xFF, 0x7F, 0, 0]);
    }

    [Fact]
    public void Files_that_do_not_go_together_are_refused()
    {
        var zip = new RawZip().Add("a/a.png", Grey).ToBytes();
        using var mixed = new Upload();
        mixed.Add("x.zip", zip).Add("a.png", Grey).Refused("images", "files", "one zip");
        using var labelled = new Upload();
        labelled.Add("x.zip", zip).Refused("images", "options.labels", "already", """{"labels": [1]}""");
        using var two = new Upload();
        two.Add("a.png", Grey).Refused("images", "options.labels", "2 entries for 1", """{"labels": [1, 2]}""");
        using var channels = new Upload();
        channels.Add("a.png", Grey).Refused("images", "options.channels", "", """{"channels": 2}""");
        using var mean = new Upload();
        mean.Add("a.png", Grey).Refused("images", "options.mean", "3 entries", """{"mean": [0, 0, 0]}""");
        using var none = new Upload();
        none.Refused("images", "files", "at least one");
        using var format = new Upload();
        format.Add("a.png", Grey).Refused("tiff", "format", "cifar10");
    }

    private static void Refused(string message, RawZip zip, ImportLimits? limits = null) => Refused(message, zip.ToBytes(), limits);

    private static void Refused(string message, byte[] zip, ImportLimits? limits = null)
    {
        using var upload = new Upload { Limits = limits ?? new() };
        upload.Add("x.zip", zip).Refused("images", "files", message);
    }
}
