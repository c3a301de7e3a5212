using System.Text.Json;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.PruningSweep;

namespace InteractionLab.Experiments.Tests.Specs;

/// <summary>What a pruning-sweep spec may and may not say.</summary>
public sealed class PruningSweepSpecTests : IDisposable
{
    private readonly Lab _lab = Lab.Tiny(maxForwardPasses: 100_000);

    public PruningSweepSpecTests()
    {
        _lab.AddModel("other", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.1));
        _lab.AddModel("five", TinyNetwork.Onnx([3, 8, 8], 5));
    }

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("""{"model": null}""", "model", "required")]
    [InlineData("""{"references": ["nobody"]}""", "references[0]", "no model 'nobody'")]
    [InlineData("""{"references": ["other", 4]}""", "references[1]", "a string")]
    [InlineData("""{"references": ["rows-net"]}""", "references[0]", "3 classes; the model at 'model' has 4")]
    [InlineData("""{"references": ["other", "five"]}""", "references[1]", "5 classes")]
    [InlineData("""{"references": ["ints"]}""", "references[0]", "int64")]
    [InlineData("""{"pruner": null}""", "pruner", "required")]
    [InlineData("""{"pruner": {"type": "axe"}}""", "pruner.type", "magnitude-global, magnitude-layer, random, structured-magnitude, structured-isomorphic")]
    [InlineData("""{"pruner": {"type": "random", "seed": -1}}""", "pruner.seed", "from 0")]
    [InlineData("""{"ratios": null}""", "ratios", "required")]
    [InlineData("""{"ratios": []}""", "ratios", "empty")]
    [InlineData("""{"ratios": [0, 0.5, 0.5]}""", "ratios[2]", "above the one before (0.5)")]
    [InlineData("""{"ratios": [0.5, 0.2]}""", "ratios[1]", "above the one before")]
    [InlineData("""{"ratios": [0, 1]}""", "ratios[1]", "below 1")]
    [InlineData("""{"ratios": [-0.1]}""", "ratios[0]", "at least 0")]
    [InlineData("""{"ratios": [0, 0.99], "pruner": {"type": "structured-magnitude"}}""", "ratios[1]", "0.99 cannot be reached: on this model the pruner goes no further than 0.9")]
    [InlineData("""{"pool": [{"sparsity": 0.5, "model": "other"}]}""", "pool", "give either")]
    [InlineData("""{"pruner": null, "ratios": null, "pool": [{"sparsity": 0.5, "model": "other"}, {"sparsity": 0.4, "model": "other"}]}""", "pool[1].sparsity", "above the one before")]
    [InlineData("""{"pruner": null, "ratios": null, "pool": [{"sparsity": 0.5, "model": "nobody"}]}""", "pool[0].model", "no model 'nobody'")]
    [InlineData("""{"evaluation": {"dataset": "nothing"}}""", "evaluation.dataset", "no dataset 'nothing'")]
    [InlineData("""{"evaluation": {"dataset": "bare"}}""", "evaluation.dataset", "no labels")]
    [InlineData("""{"evaluation": {"dataset": "rows"}}""", "evaluation.dataset", "the dataset's samples have shape [6]")]
    [InlineData("""{"evaluation": {"dataset": "many-classes"}}""", "evaluation.samples", "has label")]
    [InlineData("""{"evaluation": {"samples": [40]}}""", "evaluation.samples[0]", "outside 0..39")]
    [InlineData("""{"evaluation": {"samples": {"count": 3, "correctOnly": true}}}""", "evaluation.samples.correctOnly", "chosen for being right")]
    [InlineData("""{"phases": {"thresholds": {"rhoStep": 2}}}""", "phases.thresholds.rhoStep", "at most 1")]
    [InlineData("""{"phases": {"thresholds": {"colour": 2}}}""", "phases.thresholds.colour", "not known")]
    [InlineData("""{"interactions": {"solver": "paper"}}""", "decomposition", "no joint form")]
    [InlineData("""{"decomposition": "both"}""", "decomposition", "joint, separate")]
    [InlineData("""{"blockSize": 0}""", "blockSize", "from 1")]
    [InlineData("""{"keepModels": 1}""", "keepModels", "true or false")]
    [InlineData("""{"samples": {"from": 0, "to": 40}, "ratios": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], "players": {"type": "grid", "rows": 4, "columns": 4, "select": 12, "by": "random"}}""", "samples", "one job may ask for 100000")]
    public async Task A_single_fault_is_named(string change, string field, string why)
    {
        var errors = await Job.Refused(_lab, "pruning-sweep", SweepJobTests.Spec(change));
        Assert.Equal([field], errors.Keys);
        Assert.Contains(why, string.Join('\n', errors[field]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rounds_of_a_training_job_make_the_pool()
    {
        // The last model of each round: epochs 2 and 4.
        (int Epoch, int Round, double Sparsity, string Model)[] kept = [(1, 0, 0, "five"), (2, 0, 0, "net"), (3, 1, 0.2, "five"), (4, 1, 0.2, "other")];
        var cells = new Cells([.. kept.Select(snapshot => CellFile.Write(new { snapshot = new { snapshot.Epoch, snapshot.Round, snapshot.Sparsity, snapshot.Model, Name = "", Sha256 = "", TestAccuracy = 0.5 } }))]);
        var spec = JsonElement.Parse("""{"epochs": 2, "prune": {"rate": 0.2, "target": 0.2}}""");
        const string Request = """{"pruner": null, "ratios": null, "trainingJob": "run"}""";
        Assert.Contains("no job 'run'", (await Job.Refused(_lab, "pruning-sweep", SweepJobTests.Spec(Request)))["trainingJob"][0], StringComparison.Ordinal);
        _lab.SetJob(new CatalogJob("run", "training", "run", CatalogJobState.Unfinished, spec, null, cells));
        Assert.Contains("not succeeded yet", (await Job.Refused(_lab, "pruning-sweep", SweepJobTests.Spec(Request)))["trainingJob"][0], StringComparison.Ordinal);
        _lab.SetJob(new CatalogJob("run", "training", "run", CatalogJobState.Succeeded, JsonElement.Parse("""{"epochs": 2}"""), null, cells));
        Assert.Contains("no sparse models", (await Job.Refused(_lab, "pruning-sweep", SweepJobTests.Spec(Request)))["trainingJob"][0], StringComparison.Ordinal);
        _lab.SetJob(new CatalogJob("run", "training", "run", CatalogJobState.Succeeded, spec, null, cells));
        var planned = (await Job.Plan(_lab, "pruning-sweep", SweepJobTests.Spec(Request))).Work;
        Assert.Equal("""[{"sparsity":0,"model":"net"},{"sparsity":0.2,"model":"other"}]""", planned.Spec.GetProperty("pool").GetRawText());
        Assert.False(planned.Spec.TryGetProperty("trainingJob", out _));
    }

    private sealed class Cells(byte[][] bytes) : ICellSource
    {
        public int Count => bytes.Length;

        public Stream Open(int index) => new MemoryStream(bytes[index], writable: false);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"evaluation": null}""")]
    [InlineData("""{"references": null, "phases": {"thresholds": {"rhoStep": 0.1}}, "keepModels": true, "blockSize": 3}""")]
    [InlineData("""{"pruner": null, "ratios": null, "pool": [{"sparsity": 0, "model": "net"}, {"sparsity": 0.4, "model": "other"}], "decomposition": "separate", "interactions": {"solver": "paper"}}""")]
    public async Task A_written_spec_reads_back(string change)
    {
        var first = (await Job.Plan(_lab, "pruning-sweep", SweepJobTests.Spec(change))).Work;
        var again = (await Job.Plan(_lab, "pruning-sweep", first.Spec.GetRawText())).Work;
        Assert.Equal(first.Spec.GetRawText(), again.Spec.GetRawText());
        Assert.Equal(first.Cells, again.Cells);
        Assert.Equal(first.Cells.Count, first.Cells.Distinct().Count());
        var type = ExperimentCatalog.Find("pruning-sweep")!.SpecType;
        Assert.Equal(first.Spec.GetRawText(), JsonSerializer.Serialize(first.Spec.Deserialize(type, LabJson.Options), type, LabJson.Options));
    }
}
