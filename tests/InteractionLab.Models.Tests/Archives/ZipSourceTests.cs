using System.Globalization;
using System.IO.Compression;
using InteractionLab.Models.Archives;
using InteractionLab.Models.Tests.Datasets;

namespace InteractionLab.Models.Tests.Archives;

public class ZipSourceTests
{
    [Fact]
    public void A_directory_of_more_than_65535_entries_is_read()
    {
        const int Count = 66_000;
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < Count; i++)
            {
                zip.CreateEntry(i.ToString(CultureInfo.InvariantCulture), CompressionLevel.NoCompression);
            }
        }

        Assert.Equal(Count, new ZipSource(file, Count, new UnpackBudget(1)).Members.Count);
        Assert.Contains("limit", Assert.Throws<InvalidDataException>(() => new ZipSource(file, Count - 1, new UnpackBudget(1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Content_is_what_was_written(CompressionLevel level)
    {
        var content = new byte[100_000];
        new Random(1).NextBytes(content.AsSpan(0, 50_000));
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("a/b", level).Open();
            entry.Write(content);
        }

        var source = new ZipSource(file, 1, new UnpackBudget(100_000));
        using var read = new MemoryStream();
        using (var member = source.Open(source.Members[0]))
        {
            member.CopyTo(read);
        }

        Assert.Equal(content, read.ToArray());

        // The budget holds over all that is opened.
        using var again = source.Open(source.Members[0]);
        Assert.Throws<InvalidDataException>(() => again.CopyTo(Stream.Null));
    }

    [Theory]
    [InlineData(60_000, "the limit for as many entries")]
    [InlineData(1, "directory cannot be read")]
    public void A_directory_far_beyond_the_limit_is_not_read_to_its_end(int claimed, string message)
    {
        var zip = new RawZip();
        for (var i = 0; i < 60_000; i++)
        {
            zip.Add(i.ToString(CultureInfo.InvariantCulture), []);
        }

        using var file = new MemoryStream(zip.ToBytes(claimed));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => new ZipSource(file, 3, new UnpackBudget(1))).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 6_000_000);
    }

    [Fact]
    public void Names_are_read_whether_or_not_they_say_that_they_are_utf8()
    {
        Assert.Equal(["kät/日.png", "b"], Names(new RawZip().Add("kät/日.png", []).Add("b", []).ToBytes()));
        Assert.Equal(["kät/日.png", "b"], Names(new RawZip().Add("kät/日.png", [], flags: 0).Add("b", [], flags: 0).ToBytes()));

        // What is not UTF-8 is taken for Latin-1.
        var latin = new RawZip().Add("kXt", [], flags: 0).ToBytes();
        Assert.Equal(["kät"], Names([.. latin.Select(b => b == 'X' ? (byte)0xE4 : b)]));
        Assert.Equal(["a/b"], Names(new RawZip().Add("a\\b", []).ToBytes()));

        static IEnumerable<string> Names(byte[] zip) => new ZipSource(new MemoryStream(zip), 10, new UnpackBudget(0)).Members.Select(member => member.Name);
    }

    [Fact]
    public void Damage_in_stored_and_deflated_members_is_seen()
    {
        var content = new byte[2000];
        new Random(2).NextBytes(content.AsSpan(0, 1000));
        foreach (var deflate in (bool[])[false, true])
        {
            var zip = new RawZip().Add("a", content, deflate).ToBytes();
            for (var at = 40; at < 900; at += 43)
            {
                var damaged = (byte[])zip.Clone();
                damaged[at] ^= 0x10;
                var source = new ZipSource(new MemoryStream(damaged), 1, new UnpackBudget(10_000));
                Assert.Throws<InvalidDataException>(() => source.Open(source.Members[0]).CopyTo(Stream.Null));
            }
        }
    }
}
