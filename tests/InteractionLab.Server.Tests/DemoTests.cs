using InteractionLab.Server.Demo;
using InteractionLab.Server.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace InteractionLab.Server.Tests;

[Trait("speed", "slow")]
public sealed class DemoTests
{
    [Fact]
    public async Task The_demonstration_queues_one_job_that_succeeds_and_no_second_one_at_the_next_start()
    {
        var data = LabServer.NewFolder();
        string id;
        await using (var server = await LabServer.StartOnAsync(data, ownsData: false, "--demo"))
        {
            id = await QueuedAsync(server);
            var job = await server.WaitAsync(id, "succeeded", "failed");
            Assert.True(job.GetProperty("state").GetString() == "succeeded", job.ToString());
            var result = await server.GetJsonAsync($"/api/v1/jobs/{id}/result");
            Assert.Equal(20, result.GetProperty("samples").GetArrayLength());
            foreach (var sample in result.GetProperty("samples").EnumerateArray())
            {
                Assert.InRange(sample.GetProperty("matchError").GetDouble(), 0, 1e-9);
            }
        }

        await using (var server = await LabServer.StartOnAsync(data, ownsData: true, "--demo"))
        {
            var (status, _) = await server.PostAsync($"/api/v1/jobs/{id}/cancel");
            Assert.Equal(409, status);
            await Task.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(1, (await server.GetJsonAsync("/api/v1/jobs")).GetProperty("items").GetArrayLength());
        }
    }

    [Fact]
    public async Task The_job_of_an_earlier_start_is_found_before_anything_is_trained()
    {
        var data = LabServer.NewFolder();
        await using (var server = await LabServer.StartOnAsync(data, ownsData: false))
        {
            // Stands for the demonstration's own: were a network trained, it would be a second model.
            var (_, model) = await ApiTests.UploadAsync(server, "/api/v1/models", ApiTests.Form(("file", "m.onnx", TinyModel.Bytes())));
            var (_, dataset) = await ApiTests.UploadAsync(server, "/api/v1/datasets", ApiTests.Form(("files", "t.csv", "a,y\n1,0\n2,1\n"u8.ToArray()), ("format", null, "csv"u8.ToArray()), ("options", null, "{\"label\":\"y\"}"u8.ToArray())));
            var (status, _) = await server.PostAsync("/api/v1/jobs", new { kind = "counting", spec = new { cells = 1 } }, $"demo {model.GetProperty("id").GetString()} {dataset.GetProperty("id").GetString()}");
            Assert.Equal(202, status);
        }

        await using (var server = await LabServer.StartOnAsync(data, ownsData: true, "--demo"))
        {
            await server.Get<IEnumerable<IHostedService>>().OfType<DemoService>().Single().ExecuteTask!;
            Assert.Equal(1, (await server.GetJsonAsync("/api/v1/models")).GetProperty("items").GetArrayLength());
            Assert.Equal(1, (await server.GetJsonAsync("/api/v1/jobs")).GetProperty("items").GetArrayLength());
            Assert.Empty(server.Errors);
        }
    }

    private static async Task<string> QueuedAsync(LabServer server)
    {
        var deadline = DateTime.UtcNow.AddSeconds(120);
        while (true)
        {
            var items = (await server.GetJsonAsync("/api/v1/jobs")).GetProperty("items");
            if (items.GetArrayLength() > 0)
            {
                return items[0].GetProperty("id").GetString()!;
            }

            Assert.True(DateTime.UtcNow < deadline && server.Errors.Count == 0, string.Join(Environment.NewLine, server.Errors));
            await Task.Delay(100);
        }
    }
}
