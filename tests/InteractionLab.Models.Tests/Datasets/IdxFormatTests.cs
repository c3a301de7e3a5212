using System.IO.Compression;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Tests.Datasets;

public class IdxFormatTests
{
    private static readonly byte[] Pictures = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, .. Enumerable.Range(10, 12).Select(i => (byte)i)];
    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 2, 4, 9];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Pictures_and_labels_are_read_in_either_order(bool gzip, bool labelsFirst)
    {
        using var upload = new Upload();
        upload.Add("a", Pack(labelsFirst ? Labels : Pictures, gzip)).Add("b", Pack(labelsFirst ? Pictures : Labels, gzip));
        using var dataset = upload.Open("idx");
        Assert.Equal((SampleKind.Image, 2, 10), (dataset.Summary.Kind, dataset.Summary.Count, dataset.Summary.Classes));
        Assert.Equal([1, 2, 3], dataset.Summary.SampleShape);
        Assert.Equal([4, 9], dataset.Labels);
        Assert.Equal(Enumerable.Range(16, 6).Select(i => (float)(i / 255.0)), dataset.Get(1).Values);
    }

    [Theory]
    [InlineData(0x09, new byte[] { 0xFF, 2 }, -1f, 2f)]
    [InlineData(0x0B, new byte[] { 0xFF, 0xFE, 1, 0 }, -2f, 256f)]
    [InlineData(0x0C, new byte[] { 0xFF, 0xFF, 0xFF, 0xFE, 0, 1, 0, 0 }, -2f, 65536f)]
    [InlineData(0x0D, new byte[] { 0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0 }, 1f, -2f)]
    [InlineData(0x0E, new byte[] { 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0 }, 1f, -2f)]
    [InlineData(0x08, new byte[] { 3, 255 }, 3f, 255f)]
    public void Every_element_type_is_read_as_a_table(byte type, byte[] data, float first, float second)
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x", [0, 0, type, 2, 0, 0, 0, 1, 0, 0, 0, 2, .. data]).Open("idx");
        Assert.Equal(SampleKind.Tabular, dataset.Summary.Kind);
        Assert.Equal([first, second], dataset.Get(0).Values);
    }

    [Fact]
    public void Channels_last_are_recognised_or_asked_for()
    {
        byte[] Pictures(byte height, byte width, byte channels) => [0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, height, 0, 0, 0, width, 0, 0, 0, channels, .. Enumerable.Range(0, height * width * channels).Select(i => (byte)i)];
        using var square = new Upload();
        using var dataset = square.Add("x", Pictures(4, 4, 3)).Open("idx");
        Assert.Equal([3, 4, 4], dataset.Summary.SampleShape);
        Assert.Equal("hwc", dataset.Summary.Options.GetProperty("layout").GetString());
        Assert.Equal([0, (float)(3 / 255.0), (float)(6 / 255.0)], dataset.Get(0).Values[..3]);

        using var upload = new Upload();
        upload.Add("x", Pictures(4, 6, 3)).Refused("idx", "options.layout", "is needed");
        Assert.Equal([3, 4, 6], upload.Import("idx", """{"layout": "hwc"}""").SampleShape);
    }

    [Fact]
    public void Faults_are_named()
    {
        Refused("truncated", Pictures[..^1]);
        Refused("bytes follow", [.. Pictures, 0]);
        Refused("truncated", Pictures[..9]);
        Refused("does not begin", [1, .. Pictures[1..]]);
        Refused("does not begin", [0, 0, 8, 5, .. new byte[40]]);
        Refused("0x0A", [0, 0, 10, .. Pictures[3..]]);
        Refused("empty", (byte[])[]);
        Refused("empty", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3]);
        Refused("no samples", [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3]);
        // Ten gigabytes claimed, then sizes whose product overflows.
        Refused("larger than", [0, 0, 8, 2, 0, 0x98, 0x96, 0x80, 0, 0, 4, 0]);
        Refused("larger than", [0, 0, 8, 4, .. Enumerable.Repeat((byte)0x7F, 16)]);
        Refused("truncated", [0, 0, 8, 2, 0, 0x98, 0x96, 0x80, 0, 0, 0, 4]);
        Refused("2 labels for", Labels, [.. Pictures[..7], 1, .. Pictures[8..22]]);
        Refused("one must hold labels", Pictures, Pictures);
        Refused("one must hold labels", Labels, Labels);
        Refused("at most one", Labels, Labels, Pictures);
        Refused("", Pack(Pictures, true)[..^12]);
    }

    private static void Refused(string message, params byte[][] files)
    {
        using var upload = new Upload { Limits = new ImportLimits { MaxUnpackedBytes = 1 << 30 } };
        foreach (var file in files)
        {
            upload.Add("x", file);
        }

        upload.Refused("idx", "files", message);
    }

    private static byte[] Pack(byte[] data, bool gzip)
    {
        if (!gzip)
        {
            return data;
        }

        using var output = new MemoryStream();
        using (var packer = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            packer.Write(data);
        }

        return output.ToArray();
    }
}
