using System.Net.Http.Headers;
using System.Text;
using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests;

/// <summary>A thousand damaged uploads and specs: none may bring the server to an error of its own, or down.</summary>
public sealed class MutationTests
{
    private const int Rounds = 250;

    [Fact]
    public async Task Damaged_requests_give_no_server_error()
    {
        await using var server = await LabServer.StartAsync("--Lab:MaxForwardPasses", "1");
        var random = new Random(20240607);
        var spec = Encoding.UTF8.GetBytes("""{"kind":"masked-samples","name":"a","spec":{"model":"m","dataset":"d","samples":{"from":0,"to":3},"players":{"type":"grid","rows":4,"columns":4,"select":10,"by":"list","cells":[0,1,2,3,4,5,6,7,8,9]},"baseline":{"type":"zero"},"value":{"type":"log-odds","target":"label"},"interactions":{"solver":"certified","noise":0.02,"gap":0.001},"salience":{"rule":"mean-span","factor":0.05},"device":"cpu","batch":"auto","seed":1}}""");
        var csv = "a,b,y\n1,2,0\n3,4,1\n5,6,1\n"u8.ToArray();
        var model = TinyModel.Bytes();
        for (var round = 0; round < Rounds; round++)
        {
            await SendAsync(server, "/api/v1/jobs", Json(Mutate(spec, random)));
            await SendAsync(server, "/api/v1/jobs/estimate", Json(Mutate(spec, random)));
            await SendAsync(server, "/api/v1/models", ApiTests.Form(("file", "m.onnx", Mutate(model, random))));
            await SendAsync(server, "/api/v1/datasets", ApiTests.Form(
                ("files", "d", Mutate(csv, random)),
                ("format", null, Encoding.UTF8.GetBytes(new[] { "csv", "npz", "images", "idx", "cifar10" }[random.Next(5)])),
                ("options", null, Mutate("""{"label":"y","mean":[1,2],"std":[1,1]}"""u8.ToArray(), random))));
        }

        Assert.Equal("ok", (await server.GetJsonAsync("/health")).GetProperty("status").GetString());
    }

    private static async Task SendAsync(LabServer server, string path, HttpContent content)
    {
        using (content)
        {
            using var response = await server.Client.PostAsync(path, content);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode < 500, $"{path}: {(int)response.StatusCode} {text} {string.Join(Environment.NewLine, server.Errors)}");
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        }
    }

    private static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static byte[] Mutate(byte[] source, Random random)
    {
        var bytes = source.ToList();
        for (var change = random.Next(1, 5); change > 0 && bytes.Count > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, random.Next(bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
