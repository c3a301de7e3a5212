using System.Text.Json.Nodes;

namespace InteractionLab.Benchmarks.Jobs;

/// <summary>Forward passes of the second run of a job, by kind, and its seconds beside the first's.</summary>
internal static class SecondRunBenchmark
{
    public static BenchmarkReport Run(string[] args) => RunAsync().GetAwaiter().GetResult();

    private static async Task<BenchmarkReport> RunAsync()
    {
        await using var lab = await LabHost.StartAsync();
        var dataset = await lab.AddCifarAsync();
        var late = await lab.AddModelAsync("cifar_resnet8_e12");
        var reference = await lab.AddModelAsync("cifar_resnet8_reference");
        string[] snapshots = [await lab.AddModelAsync("cifar_resnet8_e01"), await lab.AddModelAsync("cifar_resnet8_e08"), late];
        var attribution = Specs.Masked(late, dataset, 2, 8);
        attribution["players"] = new JsonObject { ["type"] = "grid", ["rows"] = 8, ["columns"] = 8, ["select"] = 8, ["by"] = "attribution" };
        (string Title, string Kind, JsonObject Spec)[] jobs =
        [
            ("masked-samples", "masked-samples", Specs.Masked(late, dataset, 6, 10)),
            ("masked-samples, players by attribution", "masked-samples", attribution),
            ("pruning-sweep", "pruning-sweep", Specs.Sweep(late, reference, dataset, 2, 8, 3, 500)),
            ("training-dynamics", "training-dynamics", Specs.Dynamics(snapshots, reference, dataset, 2, 8)),
            ("bottleneck, exact", "bottleneck", Specs.ExactBottleneck(late, dataset, 2, 10)),
            ("bottleneck, sampled", "bottleneck", Specs.Bottleneck(late, dataset, 2, 16, 20, 2, 10)),
            ("macro", "macro", Macro(late, dataset)),
        ];
        var (rows, details) = (new List<BenchmarkRow>(), new List<object>());
        foreach (var (title, kind, spec) in jobs)
        {
            var first = await lab.RunAsync(kind, spec);
            var estimate = await lab.EstimateAsync(kind, spec);
            var second = await lab.RunAsync(kind, spec);
            rows.Add(new($"second run, {title}", second.Passes, AtMost: 0, Unit: "passes"));
            details.Add(new { job = title, firstSeconds = first.Seconds, first.Passes, secondSeconds = second.Seconds, secondPasses = second.Passes, second.Saved, expectedSeconds = estimate.GetProperty("seconds") });
        }

        return new("second-run", rows, details);
    }

    private static JsonObject Macro(string model, string dataset) => new()
    {
        ["models"] = new JsonArray(model),
        ["dataset"] = dataset,
        ["samples"] = new JsonObject { ["from"] = 0, ["to"] = 50 },
        ["structure"] = new JsonObject { ["rows"] = 4, ["columns"] = 4 },
        ["robustness"] = new JsonObject { ["epsilon"] = 0.03, ["steps"] = 3, ["stepSize"] = 0.01 },
        ["device"] = "cpu",
    };
}
