using System.Text.Json.Nodes;
using InteractionLab.Testing;

namespace InteractionLab.EndToEnd;

/// <summary>Registers the real models and data that the tests use, and the specs that go with them.</summary>
internal static class RealModels
{
    public static JsonObject CifarOptions => new()
    {
        ["mean"] = new JsonArray(0.4914, 0.4822, 0.4465),
        ["std"] = new JsonArray(0.2470, 0.2435, 0.2616),
    };

    public static async Task<(string Model, string Dataset)> AddCifarAsync(LabClient client) =>
        (await client.AddModelAsync(SharedData.Path("models", "cifar_resnet8_e12.onnx")),
         await client.AddDatasetAsync("cifar10", CifarOptions, SharedData.Path("data", "cifar10", "test_batch.bin")));

    public static JsonObject MaskedSamples(string model, string dataset, int samples, int players = 10) => new()
    {
        ["model"] = model,
        ["dataset"] = dataset,
        ["samples"] = new JsonObject { ["from"] = 0, ["to"] = samples },
        ["players"] = new JsonObject { ["type"] = "grid", ["rows"] = 8, ["columns"] = 8, ["select"] = players, ["by"] = "random", ["seed"] = 7 },
        ["baseline"] = new JsonObject { ["type"] = "zero" },
        ["value"] = new JsonObject { ["type"] = "log-odds", ["target"] = "label" },
        ["interactions"] = new JsonObject { ["solver"] = "certified", ["noise"] = 0.02, ["gap"] = 1e-3 },
        ["salience"] = new JsonObject { ["rule"] = "mean-span", ["factor"] = 0.05 },
        ["executor"] = "onnxruntime",
        ["device"] = "cpu",

        // Two servers may measure two batch sizes, and the last bits depend on them.
        ["batch"] = 32,
    };
}
