using System.Text;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Tests.Datasets;

public class DatasetReaderTests
{
    [Fact]
    public void Threads_do_not_disturb_one_another()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 500; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i},{-i},{i % 7}\n");
        }

        using var upload = new Upload();
        using var dataset = upload.Add("x.csv", text.ToString()).Open("csv", """{"label": 2}""");
        Parallel.For(0, 4000, i =>
        {
            var sample = dataset.Get(i % 500);
            Assert.Equal((i % 500, -(i % 500), i % 500 % 7), (sample.Values[0], sample.Values[1], sample.Label));
        });
    }

    [Fact]
    public void What_is_returned_belongs_to_the_caller()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.csv", "1,2\n3,4\n").Open("csv", """{"label": null}""");
        dataset.Mean[0] = 99;
        Assert.Equal([2f, 3f], dataset.Mean);
    }

    [Fact]
    public void A_folder_without_a_whole_dataset_is_refused()
    {
        using var upload = new Upload();
        Assert.Throws<InvalidDataException>(() => DatasetReader.Open(upload.Folder));
        Assert.Throws<InvalidDataException>(() => DatasetReader.Open(Path.Combine(upload.Folder, "absent")));
        upload.Add("x.csv", "1,2\n3,4\n").Import("csv", """{"label": null}""");
        using (var values = new FileStream(Path.Combine(upload.Folder, "x.npy"), FileMode.Open))
        {
            values.SetLength(values.Length - 1);
        }

        Assert.Throws<InvalidDataException>(() => DatasetReader.Open(upload.Folder));
    }

    [Fact]
    public void A_cancelled_import_leaves_nothing()
    {
        using var upload = new Upload();
        var path = Path.Combine(Path.GetDirectoryName(upload.Folder)!, "x");
        File.WriteAllText(path, "1,2\n");
        Assert.Throws<OperationCanceledException>(() => DatasetImporter.Import(
            [new UploadedFile("x.csv", path, 4)], "csv", System.Text.Json.JsonElement.Parse("""{"label": null}"""), upload.Folder, new ImportLimits(), new CancellationToken(true)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(upload.Folder));
    }
}
