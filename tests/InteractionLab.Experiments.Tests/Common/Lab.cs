using System.Text.Json;
using InteractionLab.Models.Arrays;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Tests.Common;

/// <summary>Registered models and datasets in a folder of one test: real files, real importers.</summary>
internal sealed class Lab : ILabCatalog, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lab-experiments-").FullName;
    private readonly Dictionary<string, CatalogModel> _models = [];
    private readonly Dictionary<string, CatalogDataset> _datasets = [];
    private readonly Dictionary<string, CatalogJob> _jobs = [];
    private readonly Dictionary<Job, string> _folders = [];

    /// <summary>What jobs keep for later ones.</summary>
    public MemoryCache Cache { get; } = new();

    /// <summary>The batch sizes that jobs find measured; null measures none.</summary>
    public ISpeedMemory? Speed { get; set; }

    public long MaxForwardPasses { get; init; } = 10_000_000;

    public RateMemory Rates { get; } = new();

    public IValueCache Values => Cache;

    public int RunningJobs { get; set; }

    /// <summary>A tiny network of pictures [3, 8, 8] (<c>net</c>), one of rows [6] (<c>rows-net</c>), and data for both (<c>pictures</c>, <c>rows</c>; <c>bare</c> without labels).</summary>
    public static Lab Tiny(long maxForwardPasses = 10_000_000)
    {
        var lab = new Lab { MaxForwardPasses = maxForwardPasses };
        lab.AddModel("net", TinyNetwork.Onnx([3, 8, 8], 4));
        lab.AddModel("rows-net", TinyNetwork.Onnx([6], 3));
        lab.AddModel("ints", TinyNetwork.Onnx([3, 8, 8], 4, inputType: 7));
        lab.AddArrays("pictures", 40, [3, 8, 8], labels: 4);
        lab.AddArrays("rows", 20, [6], labels: 3);
        lab.AddArrays("wide", 5, [17], labels: 3);
        lab.AddArrays("bare", 10, [3, 8, 8], labels: 0);
        lab.AddArrays("many-classes", 10, [3, 8, 8], labels: 9);
        return lab;
    }

    public void AddModel(string id, byte[] onnx)
    {
        var path = Path.Combine(_root, id + ".onnx");
        File.WriteAllBytes(path, onnx);
        var summary = OnnxModel.Load(onnx).Summary;
        _models[id] = new CatalogModel(id, id, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(onnx)), path, summary);
    }

    public void AddDataset(string id, string format, string options, params IReadOnlyList<string> files)
    {
        var folder = Path.Combine(_root, "dataset-" + id);
        Directory.CreateDirectory(folder);
        var uploads = files.Select(file => new UploadedFile(Path.GetFileName(file), file, new FileInfo(file).Length)).ToArray();
        var summary = DatasetImporter.Import(uploads, format, JsonElement.Parse(options), folder, new ImportLimits(), TestContext.Current.CancellationToken);
        _datasets[id] = new CatalogDataset(id, id, folder, summary);
    }

    public void AddGames(string id, IReadOnlyList<double[]> games)
    {
        var path = Path.Combine(_root, id + ".npz");
        using (var file = File.Create(path))
        {
            using var npz = new NpzWriter(file);
            npz.Write<double>("v", [.. games.SelectMany(game => game)], games.Count, games[0].Length);
            npz.Complete();
        }

        AddDataset(id, "npz", "{}", path);
    }

    /// <summary>The context of a job's next attempt: one folder a job, models registered here.</summary>
    public IJobContext Context(Job job)
    {
        if (!_folders.TryGetValue(job, out var folder))
        {
            _folders[job] = folder = Directory.CreateDirectory(Path.Combine(_root, $"job-{_folders.Count}")).FullName;
        }

        return new JobContext(this, job, folder, Cache) { Speed = Speed };
    }

    public IDataset OpenDataset(string id) => DatasetReader.Open(_datasets[id].Folder);

    public Task<CatalogModel?> FindModelAsync(string id, CancellationToken cancellation) => Task.FromResult(_models.GetValueOrDefault(id));

    public Task<CatalogDataset?> FindDatasetAsync(string id, CancellationToken cancellation) => Task.FromResult(_datasets.GetValueOrDefault(id));

    public Task<CatalogJob?> FindJobAsync(string id, CancellationToken cancellation) => Task.FromResult(_jobs.GetValueOrDefault(id));

    /// <summary>Puts a job into the catalog as it stands now; again for a later moment.</summary>
    public void SetJob(CatalogJob job) => _jobs[job.Id] = job;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Adds short texts with labels and a vocabulary.</summary>
    public void AddTexts(string id, int length, params IReadOnlyList<string> rows)
    {
        var (table, words) = (Path.Combine(_root, id + ".tsv"), Path.Combine(_root, id + "-words.txt"));
        File.WriteAllText(words, "[PAD]\n[UNK]\n[MASK]\na\ngood\nbad\nfilm\n");
        File.WriteAllLines(table, rows.Prepend("text\tlabel"));
        AddDataset(id, "tsv-text", JsonSerializer.Serialize(new { text = "text", label = "label", length }), table, words);
    }

    /// <summary>Adds arrays of random samples whose labels take turns; without labels where there are to be none.</summary>
    public void AddArrays(string id, int count, int[] shape, int labels, string options = "{}")
    {
        var random = new Random(7);
        var path = Path.Combine(_root, id + ".npz");
        var cells = shape.Aggregate(1, (a, b) => a * b);
        using (var file = File.Create(path))
        {
            using var npz = new NpzWriter(file);
            npz.Write<float>("x", [.. Enumerable.Range(0, count * cells).Select(_ => (float)((random.NextDouble() * 4) - 2))], [count, .. shape.Select(side => (long)side)]);
            if (labels > 0)
            {
                npz.Write<long>("y", [.. Enumerable.Range(0, count).Select(i => (long)(i % labels))], count);
            }

            npz.Complete();
        }

        AddDataset(id, "npz", options, path);
    }

    private sealed class JobContext(Lab lab, ICellSource finished, string folder, IValueCache values) : IJobContext
    {
        public string JobId => Path.GetFileName(folder);

        public string Name => "job";

        public ICellSource Finished => finished;

        public string Folder => folder;

        public IValueCache Values => values;

        public ISpeedMemory? Speed { get; init; }

        public Task<CatalogModel> RegisterModelAsync(string name, ReadOnlyMemory<byte> onnx, CancellationToken cancellation)
        {
            var id = $"{name} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(onnx.Span))[..8]}";
            lab.AddModel(id, onnx.ToArray());
            return Task.FromResult(lab._models[id]);
        }

        // A child runs to its end at once: a chain that waits, and jobs beside each other, are tested with a server.
        public async Task<CatalogJob> StartChildAsync(string role, string kind, string name, JsonElement spec, CancellationToken cancellation)
        {
            var id = $"{JobId}-{role}";
            if (!lab._jobs.TryGetValue(id, out var child))
            {
                var run = await Job.Run(lab, kind, spec.GetRawText());
                lab._jobs[id] = child = new CatalogJob(id, kind, name, CatalogJobState.Succeeded, run.Work.Spec, null, run);
            }

            return child;
        }

        // Only those that a test set up have not ended.
        public Task CancelChildrenAsync(CancellationToken cancellation)
        {
            foreach (var child in lab._jobs.Values.Where(child => child.Id.StartsWith(JobId + "-", StringComparison.Ordinal) && child.State == CatalogJobState.Unfinished).ToArray())
            {
                lab._jobs[child.Id] = child with { State = CatalogJobState.Cancelled };
            }

            return Task.CompletedTask;
        }
    }
}
