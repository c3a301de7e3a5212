using System.Text.Json.Nodes;

namespace InteractionLab.Benchmarks.Jobs;

/// <summary>Specs of the jobs that are timed.</summary>
internal static class Specs
{
    /// <summary>Cells of an 8x8 grid, drawn anew for each sample.</summary>
    public static JsonObject Patches(int players) => new() { ["type"] = "grid", ["rows"] = 8, ["columns"] = 8, ["select"] = players, ["by"] = "random", ["seed"] = 1 };

    /// <summary>Masked samples.</summary>
    public static JsonObject Masked(string model, string dataset, int samples, int players, string solver = "certified") => new()
    {
        ["model"] = model,
        ["dataset"] = dataset,
        ["samples"] = Range(samples),
        ["players"] = Patches(players),
        ["interactions"] = new JsonObject { ["solver"] = solver },
        ["device"] = "cpu",
    };

    /// <summary>A sweep of unstructured pruning.</summary>
    public static JsonObject Sweep(string model, string reference, string dataset, int samples, int players, int ratios, int evaluation) => new()
    {
        ["model"] = model,
        ["references"] = new JsonArray(reference),
        ["dataset"] = dataset,
        ["samples"] = Range(samples),
        ["players"] = Patches(players),
        ["pruner"] = new JsonObject { ["type"] = "magnitude-global" },
        ["ratios"] = new JsonArray([.. Enumerable.Range(1, ratios).Select(k => (JsonNode)Math.Round(0.9 * k / ratios, 4))]),
        ["evaluation"] = new JsonObject { ["dataset"] = dataset, ["samples"] = Range(evaluation) },
        ["device"] = "cpu",
    };

    /// <summary>Training dynamics over snapshots, which all are the same kind of network.</summary>
    public static JsonObject Dynamics(string[] snapshots, string reference, string dataset, int samples, int players) => new()
    {
        ["snapshots"] = new JsonArray([.. snapshots.Select((id, epoch) => (JsonNode)new JsonObject { ["epoch"] = epoch, ["model"] = id })]),
        ["references"] = new JsonArray(reference),
        ["train"] = new JsonObject { ["dataset"] = dataset, ["samples"] = Range(samples) },
        ["test"] = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = samples, ["to"] = 2 * samples } },
        ["players"] = Patches(players),
        ["device"] = "cpu",
    };

    /// <summary>A bottleneck on a grid of so many cells a side.</summary>
    public static JsonObject Bottleneck(string model, string dataset, int samples, int grid, int pairs, int? radius, int contexts) => new()
    {
        ["models"] = new JsonArray(model),
        ["dataset"] = dataset,
        ["samples"] = Range(samples),
        ["players"] = new JsonObject { ["type"] = "grid", ["rows"] = grid, ["columns"] = grid, ["select"] = "all" },
        ["method"] = "sampled",
        ["orders"] = new JsonArray(0.1, 0.3, 0.5, 0.7, 0.9),
        ["pairs"] = radius is { } within ? new JsonObject { ["count"] = pairs, ["radius"] = within } : new JsonObject { ["count"] = pairs },
        ["contexts"] = contexts,
        ["device"] = "cpu",
    };

    /// <summary>An exact bottleneck of a few cells of the grid.</summary>
    public static JsonObject ExactBottleneck(string model, string dataset, int samples, int players) => new()
    {
        ["models"] = new JsonArray(model),
        ["dataset"] = dataset,
        ["samples"] = Range(samples),
        ["players"] = Patches(players),
        ["method"] = "exact",
        ["device"] = "cpu",
    };

    private static JsonObject Range(int samples) => new() { ["from"] = 0, ["to"] = samples };
}
