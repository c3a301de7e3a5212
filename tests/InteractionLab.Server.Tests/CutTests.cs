using System.Text;
using System.Text.Json;
using InteractionLab.Server.Tests.Support;
using InteractionLab.Testing;

namespace InteractionLab.Server.Tests;

/// <summary>Cuts over HTTP: suggestions, jobs at a cut on the models that users bring, what they cost, and faults.</summary>
[Trait("speed", "slow")]
public sealed class CutTests
{
    private const int Pictures = 40;

    [Fact]
    public async Task Models_are_cut_where_the_lab_suggests_it()
    {
        await using var server = await LabServer.StartAsync();
        var cifar = await UploadAsync(server, "datasets", ("files", "few.bin", Few()), ("format", null, "cifar10"u8.ToArray()), ("options", null, """{"mean": [0.4914, 0.4822, 0.4465], "std": [0.2470, 0.2435, 0.2616]}"""u8.ToArray()));
        var lines = string.Join('\n', File.ReadLines(SharedData.Path("data", "sst2", "dev.tsv")).Take(9));
        var texts = await UploadAsync(server, "datasets", ("files", "few.tsv", Encoding.UTF8.GetBytes(lines)), ("files", "vocab.txt", Bytes("sst2_vocab.txt")), ("format", null, "tsv-text"u8.ToArray()), ("options", null, """{"text": "sentence", "label": "label", "length": 48}"""u8.ToArray()));
        await CheckAsync(server, "cifar_resnet8_e12", cifar, "/Relu_output_0", "first activation", [16, 32, 32], """{"type": "grid", "rows": 8, "columns": 8, "select": 5, "by": "random"}""", Pictures + 2);
        await CheckAsync(server, "cifar_vit", cifar, "/p/Conv_output_0", "patch embedding", [64, 8, 8], """{"type": "grid", "rows": 4, "columns": 4, "select": 5, "by": "random"}""", Pictures + 2);
        await CheckAsync(server, "sst2_transformer", texts, "/emb/Gather_output_0", "token embedding", [48, 64], """{"type": "tokens", "select": 5}""", 4);
        Assert.Empty(server.Errors);
    }

    private static async Task CheckAsync(LabServer server, string file, string dataset, string tensor, string why, int[] shape, string players, int headPasses)
    {
        var model = await UploadAsync(server, "models", ("file", file + ".onnx", Bytes(file + ".onnx")));
        var cuts = await server.GetJsonAsync($"/api/v1/models/{model}/cuts");
        var cut = Assert.Single(cuts.EnumerateArray(), candidate => candidate.GetProperty("tensor").GetString() == tensor);
        Assert.Equal(why, cut.GetProperty("why").GetString());
        Assert.Equal(shape, cut.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()));
        Assert.InRange(cut.GetProperty("shareBehind").GetDouble(), 0.01, 1);

        var spec = JsonElement.Parse($$"""{"model": "{{model}}", "dataset": "{{dataset}}", "samples": [0, 2], "cut": "{{tensor}}", "players": {{players}}, "device": "cpu"}""");
        var (status, estimate) = await server.PostAsync("/api/v1/jobs/estimate", new { kind = "masked-samples", spec });
        Assert.True(status == 200, estimate.ToString());
        Assert.Equal((66, headPasses), (estimate.GetProperty("forwardPasses").GetInt32(), estimate.GetProperty("headPasses").GetInt32()));
        Assert.True(estimate.GetProperty("seconds").GetDouble() > 0);
        var first = await RunAsync(server, spec);
        Assert.Equal(66, first.GetProperty("forwardPasses").GetInt32());
        Assert.All(first.GetProperty("samples").EnumerateArray(), sample =>
        {
            Assert.Equal(5, sample.GetProperty("players").GetArrayLength());
            Assert.InRange(sample.GetProperty("matchError").GetDouble(), 0, 1e-9);
            Assert.NotEqual(sample.GetProperty("vEmpty").GetDouble(), sample.GetProperty("vFull").GetDouble(), 1e-3);
        });
        var second = await RunAsync(server, spec);
        Assert.Equal((0, 66), (second.GetProperty("forwardPasses").GetInt32(), second.GetProperty("savedPasses").GetInt32()));
        Assert.Equal(first.GetProperty("samples").ToString(), second.GetProperty("samples").ToString());

        var wrong = JsonElement.Parse(spec.GetRawText().Replace(tensor, tensor + "x", StringComparison.Ordinal));
        var (refused, problem) = await server.PostAsync("/api/v1/jobs", new { kind = "masked-samples", spec = wrong });
        Assert.Equal(400, refused);
        Assert.Contains($"Close ones are '{tensor}'", problem.GetProperty("errors").GetProperty("cut")[0].GetString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> RunAsync(LabServer server, JsonElement spec)
    {
        var (status, job) = await server.PostAsync("/api/v1/jobs", new { kind = "masked-samples", spec });
        Assert.True(status == 202, job.ToString());
        var id = job.GetProperty("id").GetString()!;
        var done = await server.WaitAsync(id, "succeeded", "failed");
        Assert.True(done.GetProperty("state").GetString() == "succeeded", done.ToString());
        return await server.GetJsonAsync($"/api/v1/jobs/{id}/result");
    }

    private static async Task<string> UploadAsync(LabServer server, string kind, params (string Name, string? File, byte[] Content)[] parts)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, file, content) in parts)
        {
            if (file is null)
            {
                form.Add(new ByteArrayContent(content), name);
            }
            else
            {
                form.Add(new ByteArrayContent(content), name, file);
            }
        }

        using var response = await server.Client.PostAsync($"/api/v1/{kind}", form);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text).GetProperty("id").GetString()!;
    }

    private static byte[] Bytes(string file) => File.ReadAllBytes(SharedData.Path("models", file));

    private static byte[] Few()
    {
        var bytes = new byte[Pictures * (1 + (3 * 1024))];
        using var file = File.OpenRead(SharedData.Path("data", "cifar10", "test_batch.bin"));
        file.ReadExactly(bytes);
        return bytes;
    }
}
