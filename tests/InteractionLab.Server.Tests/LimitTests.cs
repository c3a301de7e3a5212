using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Tests;

/// <summary>What one caller can ask of a server that others use too.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_spec_has_at_most_a_megabyte_and_lists_carry_none()
    {
        await using var server = await LabServer.StartAsync();
        var (status, problem) = await server.PostAsync("/api/v1/jobs", new { kind = "counting", spec = new { cells = 1, gate = new string('x', 1 << 20) } });
        Assert.Equal(413, status);
        Assert.Contains("larger", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        // A form of the dashboard does not come as a request.
        var spec = JsonSerializer.SerializeToElement(new { cells = 1, gate = new string('x', 1 << 20) });
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => server.Get<JobService>().SubmitAsync("counting", null, spec, null, default));
        Assert.Contains("spec: is 10485", refused.Message, StringComparison.Ordinal);

        var id = await server.SubmitAsync(new { cells = 1, makes = new string('y', 100_000) });
        await server.WaitAsync(id, "succeeded", "failed");
        var list = await server.Client.GetStringAsync("/api/v1/jobs");
        Assert.True(list.Length < 10_000, $"a list of one job has {list.Length} characters");
        Assert.False(JsonDocument.Parse(list).RootElement.GetProperty("items")[0].TryGetProperty("spec", out _));
        Assert.Equal(100_000, (await server.JobAsync(id)).GetProperty("spec").GetProperty("makes").GetString()!.Length);
    }

    [Fact]
    public async Task Of_very_many_faults_the_first_are_named_and_all_are_counted()
    {
        await using var server = await LabServer.StartAsync();
        var body = "{\"kind\":\"counting\",\"spec\":{\"cells\":1}," + string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"f{i}\":1")) + "}";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await server.Client.PostAsync("/api/v1/jobs", content);
        var text = await response.Content.ReadAsStringAsync();
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(200, problem.GetProperty("errors").EnumerateObject().Count());
        Assert.Contains("200 of 5000", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(text.Length < 50_000, $"{text.Length} characters");
    }

    [Fact]
    public async Task Slow_uploads_neither_last_nor_hold_up_others()
    {
        await using var server = await LabServer.StartAsync();
        var address = server.Client.BaseAddress!;
        var slow = new List<TcpClient>();
        try
        {
            var head = $"POST /api/v1/models HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n";
            for (var i = 0; i < 20; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(address.Host, address.Port);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
                slow.Add(client);
            }

            var since = Stopwatch.StartNew();
            using var form = new MultipartFormDataContent { { new ByteArrayContent(TinyModel.Bytes()), "file", "net.onnx" } };
            using var response = await server.Client.PostAsync("/api/v1/models", form);
            Assert.Equal(201, (int)response.StatusCode);
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(30), $"an upload beside slow ones took {since.Elapsed}");

            // And each of those is told, or cut off, once it is clear that it does not come.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
            var answer = await new StreamReader(slow[0].GetStream()).ReadToEndAsync(patience.Token);
            Assert.True(answer.Length == 0 || answer.Contains("408", StringComparison.Ordinal), answer);
        }
        finally
        {
            slow.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_check_that_takes_too_long_is_cut_off_with_its_reason()
    {
        await using var server = await LabServer.StartAsync("--Lab:MaxCheckSeconds", "1");
        var since = Stopwatch.StartNew();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(TinyModel.Chain(200_000)), "file", "chain.onnx" } };
        using var response = await server.Client.PostAsync("/api/v1/models", form);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("cut off after 1 second", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("200,000 nodes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(since.Elapsed < TimeSpan.FromSeconds(60), $"{since.Elapsed}");

        // The place is free again.
        using var next = new MultipartFormDataContent { { new ByteArrayContent(TinyModel.Bytes()), "file", "net.onnx" } };
        using var taken = await server.Client.PostAsync("/api/v1/models", next);
        Assert.Equal(201, (int)taken.StatusCode);
    }

    [Fact]
    public async Task Ten_thousand_queued_jobs_do_not_keep_a_start_waiting()
    {
        const int Jobs = 10_000;
        var data = LabServer.NewFolder();
        try
        {
            await using (var server = await LabServer.StartOnAsync(data, ownsData: false))
            {
                await using var db = await server.Get<IDbContextFactory<LabDb>>().CreateDbContextAsync();
                var time = DateTimeOffset.UtcNow;
                db.Jobs.AddRange(Enumerable.Range(0, Jobs).Select(i => new JobRow
                {
                    Id = $"queued{i:D6}",
                    Kind = "counting",
                    Name = "one of many",
                    State = "queued",
                    Spec = JsonSerializer.Serialize(new { cells = 1 }, LabJson.Options),
                    RequestHash = "",
                    Total = 1,
                    Unit = "numbers",
                    CreatedAt = time.AddMilliseconds(i),
                }));
                await db.SaveChangesAsync();
            }

            var since = Stopwatch.StartNew();
            await using (var server = await LabServer.StartOnAsync(data, ownsData: false))
            {
                Assert.True(since.Elapsed < TimeSpan.FromSeconds(30), $"the start took {since.Elapsed}");
                Assert.Equal("ok", (await server.GetJsonAsync("/health")).GetProperty("status").GetString());

                // In the order of their turns.
                await server.WaitAsync("queued000009", "succeeded");
                var started = new List<DateTimeOffset>();
                for (var i = 0; i < 10; i++)
                {
                    started.Add((await server.JobAsync($"queued{i:D6}")).GetProperty("startedAt").GetDateTimeOffset());
                }

                Assert.Equal(started.Order(), started);
                Assert.Empty(server.Errors);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("a=b", "a=b")]
    [InlineData("=\"x\",y", "\"'=\"\"x\"\",y\"")]
    public void A_text_that_a_spreadsheet_would_run_is_written_as_text(string cell, string written)
    {
        var csv = JobOutputs.Csv(new ResultTable("t", [cell, "n"], [[cell, -1.5], [null, double.NaN]]));
        Assert.Equal($"{written},n\r\n{written},-1.5\r\n,\r\n", csv);
    }
}
