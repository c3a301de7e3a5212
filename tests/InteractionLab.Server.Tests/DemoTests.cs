using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests;

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
