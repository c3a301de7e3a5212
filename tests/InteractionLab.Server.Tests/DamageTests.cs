using System.Net;
using System.Text.Json;
using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests;

/// <summary>Every kind of stored file flipped, cut or missing: it is named, nothing is computed from it, and the good bytes mend it.</summary>
public sealed class DamageTests
{
    [Theory]
    [InlineData("flip")]
    [InlineData("cut")]
    [InlineData("lose")]
    public async Task A_model_that_is_damaged_fails_the_job_by_name_and_is_mended_by_its_bytes(string how)
    {
        var lab = await StoredLab.CreateAsync();
        await using var server = await LabServer.StartOnAsync(lab.Data, ownsData: true);
        var gate = $"{nameof(A_model_that_is_damaged_fails_the_job_by_name_and_is_mended_by_its_bytes)} {how}";

        // It is read while it is whole, then damaged: one that waits finds it when it runs.
        var first = await server.SubmitAsync(new { cells = 1, gate });
        await server.WaitAsync(first, "running");
        var job = await server.SubmitAsync(new { cells = 1, model = lab.Model });
        var path = Path.Combine(lab.Data, PathOf(TinyModel.Bytes()));
        Spoil(path, how);
        Gate.Of(gate).Open();
        var failed = await server.WaitAsync(job, "failed", "succeeded");
        Assert.Contains(PathOf(TinyModel.Bytes()), failed.GetProperty("error").GetString(), StringComparison.Ordinal);
        foreach (var part in new[] { "file", "nodes", "cuts", "output" })
        {
            await NamedAsync(server, $"/api/v1/models/{lab.Model}/{part}", PathOf(TinyModel.Bytes()));
        }

        Assert.Equal(409, (await server.PostAsync("/api/v1/jobs", new { kind = "counting", spec = new { cells = 1, model = lab.Model } })).Status);

        Assert.Equal(lab.Model, await StoredLab.AddModelAsync(server, TinyModel.Bytes()));
        Assert.Equal(TinyModel.Bytes(), await server.Client.GetByteArrayAsync($"/api/v1/models/{lab.Model}/file"));
        Assert.Equal(200, (await server.PostAsync($"/api/v1/jobs/{job}/retry")).Status);
        await server.WaitAsync(job, "succeeded");
    }

    [Theory]
    [InlineData("x.npy", "flip")]
    [InlineData("x.npy", "cut")]
    [InlineData("x.npy", "lose")]
    [InlineData("y.npy", "flip")]
    [InlineData("mean.npy", "lose")]
    [InlineData("meta.json", "flip")]
    [InlineData("meta.json", "lose")]
    public async Task A_dataset_that_is_damaged_is_named_and_mended_by_the_same_data(string file, string how)
    {
        var lab = await StoredLab.CreateAsync();
        await using var server = await LabServer.StartOnAsync(lab.Data, ownsData: true);
        var sample = $"/api/v1/datasets/{lab.Dataset}/samples/1";
        await server.Client.GetStringAsync(sample);
        Spoil(Path.Combine(lab.Data, "datasets", lab.Dataset, file), how);
        await NamedAsync(server, sample, $"datasets/{lab.Dataset}/{file}");

        // Other data do not mend it.
        Assert.NotEqual(lab.Dataset, await StoredLab.AddTableAsync(server, StoredLab.Table + "7,8,1\n"));
        await NamedAsync(server, sample, file);
        Assert.Equal(lab.Dataset, await StoredLab.AddTableAsync(server, StoredLab.Table));
        Assert.Equal(lab.Answers[sample], await server.Client.GetStringAsync(sample));
        Assert.NotEqual(lab.Dataset, await StoredLab.AddTableAsync(server, StoredLab.Table));
    }

    [Fact]
    public async Task A_dataset_of_an_earlier_version_gets_its_hashes_when_it_is_first_opened()
    {
        var lab = await StoredLab.CreateAsync();
        var manifest = Path.Combine(lab.Data, "datasets", lab.Dataset, "manifest.json");
        File.Delete(manifest);
        await using var server = await LabServer.StartOnAsync(lab.Data, ownsData: true);
        var sample = $"/api/v1/datasets/{lab.Dataset}/samples/1";
        Assert.Equal(lab.Answers[sample], await server.Client.GetStringAsync(sample));
        Assert.Equal(JsonValueKind.String, JsonDocument.Parse(await File.ReadAllTextAsync(manifest)).RootElement.GetProperty("files").GetProperty("x.npy").ValueKind);
        Spoil(Path.Combine(lab.Data, "datasets", lab.Dataset, "x.npy"), "flip");
        await NamedAsync(server, sample, "x.npy");
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("cut")]
    [InlineData("lose")]
    public async Task A_damaged_cell_is_computed_again(string how)
    {
        var name = $"{nameof(A_damaged_cell_is_computed_again)} {how}";
        await using var server = await LabServer.StartAsync();
        Gate.Of(name).Open();
        var id = await server.SubmitAsync(new { cells = 5, gate = name, failAt = 3 });
        await server.WaitAsync(id, "failed");
        var damaged = PathOf(BitConverter.GetBytes(Math.Sqrt(1)));
        Spoil(Path.Combine(server.Data, damaged), how);
        await NamedAsync(server, $"/api/v1/jobs/{id}/result?partial=true", damaged);
        Gate.Of(name).Fail = false;
        Gate.Of(name).Computed.Clear();
        await server.PostAsync($"/api/v1/jobs/{id}/retry");
        var job = await server.WaitAsync(id, "succeeded", "failed");
        Assert.Equal("succeeded", job.GetProperty("state").GetString());
        Assert.Equal(5, job.GetProperty("progress").GetProperty("done").GetInt32());
        Assert.Equal([1, 3, 4], Gate.Of(name).Computed);
        var whole = await server.SubmitAsync(new { cells = 5 });
        await server.WaitAsync(whole, "succeeded");
        Assert.Equal(await server.Client.GetByteArrayAsync($"/api/v1/jobs/{whole}/result"), await server.Client.GetByteArrayAsync($"/api/v1/jobs/{id}/result"));
    }

    [Theory]
    [InlineData("result.json", "result")]
    [InlineData("table0.csv", "tables/values.csv")]
    [InlineData("artifact0.bin", "artifacts/values.bin")]
    [InlineData("manifest.json", "result")]
    [InlineData("manifest.json", "artifacts")]
    public async Task What_a_finished_job_left_is_named_when_it_is_damaged(string file, string part)
    {
        var lab = await StoredLab.CreateAsync();
        await using var server = await LabServer.StartOnAsync(lab.Data, ownsData: true);
        foreach (var how in new[] { "flip", "cut", "lose" })
        {
            await server.Client.GetByteArrayAsync($"/api/v1/jobs/{lab.Job}/{part}");
            var path = Path.Combine(lab.Data, "jobs", lab.Job, "output", file);
            var good = await File.ReadAllBytesAsync(path);
            Spoil(path, how);
            await NamedAsync(server, $"/api/v1/jobs/{lab.Job}/{part}", $"jobs/{lab.Job}/output/{file}");
            await File.WriteAllBytesAsync(path, good);
        }
    }

    private static string PathOf(byte[] bytes)
    {
        var name = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        return Path.Combine("files", name[..2], name);
    }

    private static void Spoil(string path, string how)
    {
        var bytes = File.ReadAllBytes(path);
        switch (how)
        {
            case "flip":
                bytes[bytes.Length / 2] ^= 4;
                File.WriteAllBytes(path, bytes);
                break;
            case "cut":
                File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private static async Task NamedAsync(LabServer server, string path, string file)
    {
        using var response = await server.Client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.Conflict, $"{path}: {(int)response.StatusCode} {text}");
        Assert.Contains(file, JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
