using System.Globalization;
using System.IO.Compression;
using InteractionLab.Models.Archives;

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
}
