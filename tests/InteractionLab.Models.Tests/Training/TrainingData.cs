using System.Text.Json;
using InteractionLab.Models.Arrays;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Training;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Models.Tests.Training;

/// <summary>Small datasets with something to learn, and networks for them, in a folder of one test.</summary>
internal sealed class TrainingData : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lab-training-").FullName;
    private readonly List<IDataset> _opened = [];

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    /// <summary>Rows of six numbers in three classes: the label is the largest of the first three.</summary>
    public IDataset Rows(int count = 240) => Open("rows", count, [6], values => Array.IndexOf(values, values[..3].Max()), 3);

    /// <summary>Pictures [3, 8, 8] in two classes: the label says which half is brighter.</summary>
    public IDataset Pictures(int count = 96) => Open("pictures", count, [3, 8, 8], values => values[..96].Sum() > values[96..].Sum() ? 1 : 0, 2);

    public static OnnxModel Network(IDataset dataset, string architecture, long seed = 1)
    {
        using var json = JsonDocument.Parse(architecture);
        var read = ModelZoo.Read(json.RootElement, (field, why) => Assert.Fail($"{field}: {why}"))!;
        return ModelZoo.Build(read, ZooInput.Of(dataset.Summary), seed);
    }

    /// <summary>The first three quarters to train on, the rest to test on.</summary>
    public static (TrainingSamples Train, TrainingSamples Test) Split(IDataset dataset)
    {
        var cut = dataset.Summary.Count * 3 / 4;
        return (new(dataset, [.. Enumerable.Range(0, cut)]), new(dataset, [.. Enumerable.Range(cut, dataset.Summary.Count - cut)]));
    }

    public void Dispose()
    {
        _opened.ForEach(dataset => dataset.Dispose());
        Directory.Delete(_root, recursive: true);
    }

    private IDataset Open(string name, int count, int[] shape, Func<float[], int> label, int classes)
    {
        var random = new Random(11);
        var cells = shape.Aggregate(1, (a, b) => a * b);
        var samples = Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, cells).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray()).ToArray();
        var path = Path.Combine(_root, name + ".npz");
        using (var npz = new NpzWriter(File.Create(path)))
        {
            npz.Write<float>("x", [.. samples.SelectMany(sample => sample)], [count, .. shape.Select(side => (long)side)]);
            npz.Write<long>("y", [.. samples.Select(sample => (long)label(sample) % classes)], count);
            npz.Complete();
        }

        var folder = Folder(FormattableString.Invariant($"{name}{_opened.Count}"));
        DatasetImporter.Import([new UploadedFile(name + ".npz", path, new FileInfo(path).Length)], "npz", JsonElement.Parse("{}"), folder, new ImportLimits(), TestContext.Current.CancellationToken);
        _opened.Add(DatasetReader.Open(folder));
        return _opened[^1];
    }
}
