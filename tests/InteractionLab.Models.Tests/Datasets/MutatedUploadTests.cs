using InteractionLab.Models.Datasets;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Datasets;

/// <summary>Whatever bytes arrive: a dataset that can be read, or a refusal that leaves nothing behind. Never another exception.</summary>
public class MutatedUploadTests
{
    private const int Mutations = 150;
    private static readonly ImportLimits Small = new() { MaxEntries = 20, MaxUnpackedBytes = 1 << 20, MaxPixels = 1 << 14 };

    [Theory]
    [InlineData("cifar10", "{}")]
    [InlineData("idx", "{}")]
    [InlineData("csv", """{"label": "k"}""")]
    [InlineData("npz", "{}")]
    [InlineData("npz-deflated", "{}")]
    [InlineData("games", "{}")]
    [InlineData("zip", "{}")]
    [InlineData("png", "{}")]
    [InlineData("jpg", "{}")]
    public void Mutated_files_are_read_or_refused(string kind, string options)
    {
        var format = kind switch { "npz-deflated" or "games" => "npz", "zip" or "png" or "jpg" => "images", _ => kind };
        var original = Original(kind);
        var random = new Random(kind.Length + kind[0]);
        var refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            using var upload = new Upload { Limits = Small };
            upload.Add("x", Mutate(original, random));
            try
            {
                using var dataset = upload.Open(format, options);
                if (dataset.Summary.Kind == SampleKind.Games)
                {
                    Assert.Equal(dataset.Summary.SampleShape[0], dataset.Game(0).Length);
                }
                else
                {
                    Assert.All(dataset.Get(dataset.Summary.Count - 1).Values, v => Assert.True(float.IsFinite(v)));
                }
            }
            catch (DatasetRejectedException e)
            {
                refused++;
                Assert.NotEmpty(e.Message);
                Assert.Empty(Directory.EnumerateFileSystemEntries(upload.Folder));
            }
        }

        Assert.InRange(refused, 1, Mutations);
    }

    private static byte[] Original(string kind) => kind switch
    {
        "cifar10" => new byte[2 * 3073],
        "idx" => [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8],
        "csv" => "a,\"b\",k\n1,2.5,0\n3,-4e1,1\n\"5\",6,1\n"u8.ToArray(),
        "npz" => Convert.FromBase64String(NumPyFiles.Fortran),
        "npz-deflated" => Convert.FromBase64String(NumPyFiles.Single),
        "games" => Convert.FromBase64String(NumPyFiles.Games),
        "zip" => new RawZip().Add("cat/a.png", PngWriter.Grey(4, 4, 7), deflate: true).Add("dog/b.png", PngWriter.Rgb(4, 4, 1, 2, 3)).ToBytes(),
        "png" => PngWriter.Make(9, 9, 8, 3, (x, y) => [(byte)((x + y) % 3)], true, ("PLTE", [1, 2, 3, 4, 5, 6, 7, 8, 9]), ("tRNS", [0, 99])),
        _ => File.ReadAllBytes(SharedData.Path("data", "mnist", "5.jpg")),
    };

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = 0xFF;
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 4:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
