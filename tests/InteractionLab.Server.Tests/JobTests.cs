using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Tests;

public sealed class JobTests
{
    [Fact]
    public async Task A_job_runs_and_leaves_result_tables_and_artifacts()
    {
        await using var server = await LabServer.StartAsync();
        var id = await server.SubmitAsync(new { cells = 5 });
        var job = await server.WaitAsync(id, "succeeded", "failed");
        Assert.Equal("succeeded", job.GetProperty("state").GetString());
        Assert.Equal(5, job.GetProperty("progress").GetProperty("done").GetInt32());
        Assert.Equal(1, job.GetProperty("attempts").GetInt32());

        var result = await server.GetJsonAsync($"/api/v1/jobs/{id}/result");
        Assert.Equal(1 + Math.Sqrt(2) + Math.Sqrt(3) + 2, result.GetProperty("sum").GetDouble(), 12);

        var csv = await server.Client.GetStringAsync($"/api/v1/jobs/{id}/tables/values.csv");
        Assert.Equal("index,value,note\r\n0,0,\"a,\"\"b\"\"\"\r\n1,1,\"a,\"\"b\"\"\"\r\n", csv[..csv.IndexOf("2,", StringComparison.Ordinal)]);

        var artifacts = await server.GetJsonAsync($"/api/v1/jobs/{id}/artifacts");
        Assert.Equal("values.bin", artifacts.GetProperty("items")[0].GetProperty("name").GetString());
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/jobs/{id}/artifacts/values.bin");
        request.Headers.Range = new RangeHeaderValue(8, 15);
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(1.0, BitConverter.ToDouble(await response.Content.ReadAsByteArrayAsync()));
        Assert.Equal(artifacts.GetProperty("items")[0].GetProperty("sha256").GetString(), response.Headers.ETag!.Tag.Trim('"'));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/api/v1/jobs/{id}/artifacts/..%2Fresult.json")).StatusCode);
    }

    [Fact]
    public async Task Fifty_jobs_queued_at_once_all_finish()
    {
        await using var server = await LabServer.StartAsync("--Lab:ParallelJobs", "2");
        var ids = await Task.WhenAll(Enumerable.Range(1, 50).Select(i => server.SubmitAsync(new { cells = (i % 3) + 1 })));
        Assert.Equal(50, ids.Distinct().Count());
        foreach (var id in ids)
        {
            Assert.Equal("succeeded", (await server.WaitAsync(id, "succeeded", "failed")).GetProperty("state").GetString());
        }

        var page = await server.GetJsonAsync("/api/v1/jobs?state=succeeded&kind=counting&take=30");
        Assert.True(page.GetProperty("hasMore").GetBoolean());
        var rest = await server.GetJsonAsync($"/api/v1/jobs?take=30&after={page.GetProperty("next").GetString()}");
        Assert.Equal(20, rest.GetProperty("items").GetArrayLength());
        Assert.False(rest.GetProperty("hasMore").GetBoolean());
    }

    [Fact]
    public async Task A_queued_job_is_cancelled_at_once_and_a_running_one_keeps_its_cells()
    {
        await using var server = await LabServer.StartAsync();
        var gate = Gate.Of(nameof(A_queued_job_is_cancelled_at_once_and_a_running_one_keeps_its_cells));
        var spec = new { cells = 4, gate = nameof(A_queued_job_is_cancelled_at_once_and_a_running_one_keeps_its_cells) };
        var first = await server.SubmitAsync(spec);
        var second = await server.SubmitAsync(spec);
        gate.Pass.Release(2);
        await server.WaitAsync(first, "running");
        var (status, cancelled) = await server.PostAsync($"/api/v1/jobs/{second}/cancel");
        Assert.Equal((200, "cancelled"), (status, cancelled.GetProperty("state").GetString()));

        while ((await server.JobAsync(first)).GetProperty("progress").GetProperty("done").GetInt32() < 2)
        {
            await Task.Delay(20);
        }

        Assert.Equal(409, (int)(await server.Client.DeleteAsync($"/api/v1/jobs/{first}")).StatusCode);
        Assert.Equal(409, (await server.PostAsync($"/api/v1/jobs/{first}/retry")).Status);
        Assert.Equal(409, (int)(await server.Client.GetAsync($"/api/v1/jobs/{first}/result")).StatusCode);
        var partial = await server.GetJsonAsync($"/api/v1/jobs/{first}/result?partial=true");
        Assert.Equal([0.0, 1.0], partial.GetProperty("values").EnumerateArray().Select(v => v.GetDouble()));

        (status, cancelled) = await server.PostAsync($"/api/v1/jobs/{first}/cancel");
        Assert.Equal(200, status);
        Assert.Contains(cancelled.GetProperty("state").GetString(), new[] { "cancelling", "cancelled" });
        await server.WaitAsync(first, "cancelled");
        Assert.Equal(409, (await server.PostAsync($"/api/v1/jobs/{first}/cancel")).Status);

        gate.Open();
        Assert.Equal(200, (await server.PostAsync($"/api/v1/jobs/{first}/retry")).Status);
        var done = await server.WaitAsync(first, "succeeded", "failed");
        Assert.Equal("succeeded", done.GetProperty("state").GetString());
        Assert.Equal(2, done.GetProperty("attempts").GetInt32());
        Assert.Equal([0, 1, 2, 3], gate.Computed);
    }

    [Theory]
    [InlineData("epoch/3", "epochs", "The disk is full.", "Epoch 3: The disk is full.")]
    [InlineData("epoch/3", "epochs", "The training loss of epoch 3 is not a finite number.", "The training loss of epoch 3 is not a finite number.")]
    [InlineData("sample/12/model/0", "profiles", "No.", "Sample 12, model 0: No.")]
    [InlineData("network-2-1", "jobs", "low failed (job 1).", "low failed (job 1).")]
    public void What_failed_is_said_in_words_and_once(string key, string unit, string error, string text) =>
        Assert.Equal(text, JobErrors.Describe(new CellFailedException(key, unit, new InvalidOperationException(error))));

    [Fact]
    public async Task A_failed_cell_fails_the_job_with_its_reason_and_a_retry_computes_only_what_is_missing()
    {
        await using var server = await LabServer.StartAsync();
        var name = nameof(A_failed_cell_fails_the_job_with_its_reason_and_a_retry_computes_only_what_is_missing);
        var gate = Gate.Of(name);
        gate.Open();
        var id = await server.SubmitAsync(new { cells = 4, gate = name, failAt = 2 });
        var job = await server.WaitAsync(id, "failed");
        Assert.Equal("Cell-2: The number is unlucky.", job.GetProperty("error").GetString());
        gate.Fail = false;
        Assert.Equal(200, (await server.PostAsync($"/api/v1/jobs/{id}/retry")).Status);
        job = await server.WaitAsync(id, "succeeded");
        Assert.Equal(JsonValueKind.Null, job.GetProperty("error").ValueKind);
        Assert.Equal([0, 1, 2, 3], gate.Computed);
    }

    [Fact]
    public async Task Deleting_a_job_removes_its_cells_and_files()
    {
        await using var server = await LabServer.StartAsync();
        var id = await server.SubmitAsync(new { cells = 3 });
        var twin = await server.SubmitAsync(new { cells = 2 });
        await server.WaitAsync(id, "succeeded");
        await server.WaitAsync(twin, "succeeded");
        Assert.Equal(3, Directory.GetFiles(Path.Combine(server.Data, "files"), "*", SearchOption.AllDirectories).Length);
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/api/v1/jobs/{id}")).StatusCode);
        // The twin's two cells have the same bytes as two of those deleted: they stay.
        Assert.Equal(2, Directory.GetFiles(Path.Combine(server.Data, "files"), "*", SearchOption.AllDirectories).Length);
        Assert.False(Directory.Exists(Path.Combine(server.Data, "jobs", id)));
        Assert.Equal(404, (int)(await server.Client.GetAsync($"/api/v1/jobs/{id}")).StatusCode);
        Assert.Equal(200, (int)(await server.Client.GetAsync($"/api/v1/jobs/{twin}/result")).StatusCode);
    }

    [Fact]
    public async Task A_model_that_a_job_made_stays_until_the_job_has_succeeded()
    {
        await using var server = await LabServer.StartAsync();
        var name = nameof(A_model_that_a_job_made_stays_until_the_job_has_succeeded);
        var gate = Gate.Of(name);
        gate.Pass.Release();
        var id = await server.SubmitAsync(new { cells = 2, gate = name, makes = "snapshot" });
        for (var wait = 0; gate.Computed.IsEmpty && wait < 200; wait++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        var model = Assert.Single((await server.Get<InteractionLab.Server.Models.ModelService>().ListAsync(null, null, default)).Items);
        Assert.Equal(409, (int)(await server.Client.DeleteAsync($"/api/v1/models/{model.Id}")).StatusCode);
        gate.Open();
        await server.WaitAsync(id, "succeeded");
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/api/v1/models/{model.Id}")).StatusCode);
    }

    [Fact]
    public async Task A_model_that_an_unfinished_job_reads_is_not_deleted()
    {
        await using var server = await LabServer.StartAsync();
        var name = nameof(A_model_that_an_unfinished_job_reads_is_not_deleted);
        var (model, created) = await server.Get<InteractionLab.Server.Models.ModelService>().AddAsync(new MemoryStream(TinyModel.Bytes()), null, default);
        Assert.True(created);
        var id = await server.SubmitAsync(new { cells = 1, gate = name, model = model.Id });
        Assert.Equal(409, (int)(await server.Client.DeleteAsync($"/api/v1/models/{model.Id}")).StatusCode);
        Gate.Of(name).Open();
        await server.WaitAsync(id, "succeeded");
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/api/v1/models/{model.Id}")).StatusCode);
        Assert.Equal(404, (int)(await server.Client.GetAsync($"/api/v1/models/{model.Id}")).StatusCode);
    }

    [Fact]
    public async Task A_model_that_a_failed_or_cancelled_job_uses_stays_until_the_job_is_deleted()
    {
        await using var server = await LabServer.StartAsync();
        var name = nameof(A_model_that_a_failed_or_cancelled_job_uses_stays_until_the_job_is_deleted);
        var (model, _) = await server.Get<InteractionLab.Server.Models.ModelService>().AddAsync(new MemoryStream(TinyModel.Bytes()), null, default);
        var gate = Gate.Of(name);
        var cancelled = await server.SubmitAsync(new { cells = 2, gate = name, model = model.Id });
        gate.Pass.Release(1);
        await server.WaitAsync(cancelled, "running");
        while ((await server.JobAsync(cancelled)).GetProperty("progress").GetProperty("done").GetInt32() < 1)
        {
            await Task.Delay(20);
        }

        await server.PostAsync($"/api/v1/jobs/{cancelled}/cancel");
        await server.WaitAsync(cancelled, "cancelled");
        gate.Open();
        var failed = await server.SubmitAsync(new { cells = 2, gate = name, failAt = 0, model = model.Id });
        await server.WaitAsync(failed, "failed");

        using (var refused = await server.Client.DeleteAsync($"/api/v1/models/{model.Id}"))
        {
            var detail = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString();
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains(cancelled, detail, StringComparison.Ordinal);
            Assert.Contains(failed, detail, StringComparison.Ordinal);
            Assert.Contains("Delete the jobs first", detail, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await server.GetJsonAsync($"/api/v1/jobs/{cancelled}/result?partial=true")).GetProperty("values").GetArrayLength());
        Assert.Equal(200, (await server.PostAsync($"/api/v1/jobs/{cancelled}/retry")).Status);
        await server.WaitAsync(cancelled, "succeeded");
        Assert.Equal(409, (int)(await server.Client.DeleteAsync($"/api/v1/models/{model.Id}")).StatusCode);
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/api/v1/jobs/{failed}")).StatusCode);
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/api/v1/models/{model.Id}")).StatusCode);
    }

    [Fact]
    public async Task A_job_whose_model_is_gone_is_not_retried()
    {
        await using var server = await LabServer.StartAsync();
        var name = nameof(A_job_whose_model_is_gone_is_not_retried);
        Gate.Of(name).Open();
        var (model, _) = await server.Get<InteractionLab.Server.Models.ModelService>().AddAsync(new MemoryStream(TinyModel.Bytes()), null, default);
        var id = await server.SubmitAsync(new { cells = 2, gate = name, failAt = 1, model = model.Id });
        await server.WaitAsync(id, "failed");
        // Stores of earlier versions have such jobs.
        await ExecuteAsync(server, $"DELETE FROM models WHERE Id = {model.Id}");
        var (status, problem) = await server.PostAsync($"/api/v1/jobs/{id}/retry");
        Assert.Equal(409, status);
        Assert.Contains(model.Id, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("failed", (await server.JobAsync(id)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Deleting_a_job_that_is_cancelling_says_to_wait()
    {
        await using var server = await LabServer.StartAsync();
        var name = nameof(Deleting_a_job_that_is_cancelling_says_to_wait);
        await server.WaitAsync(await server.SubmitAsync(new { cells = 1, gate = name }), "running");
        var id = await server.SubmitAsync(new { cells = 1 });
        Assert.Contains("cancel it first", await DetailAsync(), StringComparison.Ordinal);
        await ExecuteAsync(server, $"UPDATE jobs SET State = 'cancelling' WHERE Id = {id}");
        Assert.Contains("when it is cancelled", await DetailAsync(), StringComparison.Ordinal);
        Gate.Of(name).Open();

        async Task<string?> DetailAsync()
        {
            using var response = await server.Client.DeleteAsync($"/api/v1/jobs/{id}");
            Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
            return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString();
        }
    }

    private static async Task ExecuteAsync(LabServer server, FormattableString sql)
    {
        await using var db = await server.Get<IDbContextFactory<LabDb>>().CreateDbContextAsync();
        Assert.Equal(1, await db.Database.ExecuteSqlInterpolatedAsync(sql));
    }

    [Fact]
    public async Task Only_one_of_many_moves_from_the_same_state_succeeds()
    {
        await using var server = await LabServer.StartAsync();
        var name = nameof(Only_one_of_many_moves_from_the_same_state_succeeds);
        await server.WaitAsync(await server.SubmitAsync(new { cells = 1, gate = name }), "running");
        var waiting = await server.SubmitAsync(new { cells = 1 });
        var states = server.Get<JobStates>();
        var moved = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => states.MoveAsync(waiting, JobState.Queued, JobState.Cancelled, new() { Finished = true }, default))));
        Assert.Equal(1, moved.Count(m => m));
        Assert.False(await states.MoveAsync(waiting, JobState.Queued, JobState.Running, new(), default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => states.MoveAsync(waiting, JobState.Succeeded, JobState.Running, new(), default));
        Gate.Of(name).Open();
    }

    /// <summary>The driver's own wait for another writer is 150 ms, whatever it waits for.</summary>
    [Fact]
    public async Task A_writer_goes_on_soon_after_another_has_finished()
    {
        await using var server = await LabServer.StartAsync();
        var job = await server.SubmitAsync(new { cells = 1 });
        await server.WaitAsync(job, "succeeded");
        var waited = TimeSpan.Zero;
        for (var k = 0; k < 10; k++)
        {
            await using var db = await server.Get<IDbContextFactory<LabDb>>().CreateDbContextAsync();
            await using var transaction = await db.Database.BeginTransactionAsync();
            await db.Database.ExecuteSqlInterpolatedAsync($"UPDATE jobs SET Name = 'first' WHERE Id = {job}");
            var other = Task.Run(() => ExecuteAsync(server, $"UPDATE jobs SET Name = 'second' WHERE Id = {job}"));
            await Task.Delay(50);
            Assert.False(other.IsCompleted);
            await transaction.CommitAsync();
            var since = Stopwatch.GetTimestamp();
            await other;
            waited += Stopwatch.GetElapsedTime(since);
        }

        Assert.Equal("second", (await server.JobAsync(job)).GetProperty("name").GetString());
        Assert.True(waited < TimeSpan.FromSeconds(1.2), $"ten writers waited {waited}");
    }

    [Fact]
    public async Task The_same_key_and_body_give_the_same_job_and_another_body_a_conflict()
    {
        await using var server = await LabServer.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.PostAsync("/api/v1/jobs", new { kind = "counting", spec = new { cells = 2 } }, "key 1")));
        Assert.All(answers, a => Assert.Equal(202, a.Status));
        Assert.Single(answers.Select(a => a.Body.GetProperty("id").GetString()).Distinct());
        var (status, problem) = await server.PostAsync("/api/v1/jobs", new { kind = "counting", spec = new { cells = 3 } }, "key 1");
        Assert.Equal(409, status);
        Assert.Contains("Idempotency-Key", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, (await server.GetJsonAsync("/api/v1/jobs")).GetProperty("items").GetArrayLength());
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task An_estimate_queues_nothing()
    {
        await using var server = await LabServer.StartAsync();
        var (status, estimate) = await server.PostAsync("/api/v1/jobs/estimate", new { kind = "counting", spec = new { cells = 7 } });
        Assert.Equal((200, 7, 56), (status, estimate.GetProperty("forwardPasses").GetInt32(), estimate.GetProperty("bytes").GetInt32()));
        Assert.Equal(0, (await server.GetJsonAsync("/api/v1/jobs")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Finished_jobs_are_kept_as_long_as_asked()
    {
        await using var server = await LabServer.StartAsync();
        var id = await server.SubmitAsync(new { cells = 1 });
        await server.WaitAsync(id, "succeeded");
        var retention = server.Get<Retention>();
        Assert.Equal(0, await retention.RunAsync(1, default));
        Assert.Equal(1, await retention.RunAsync(-1, default));
        Assert.Equal(404, (int)(await server.Client.GetAsync($"/api/v1/jobs/{id}")).StatusCode);
    }
}
