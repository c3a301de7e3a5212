using InteractionLab.Server.Configuration;
using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.Data.Sqlite;

namespace InteractionLab.Server.Tests;

/// <summary>Whatever happens to lab.db, no start deletes a file, and there is a way back to everything.</summary>
public sealed class LostCatalogueTests : IAsyncLifetime
{
    private StoredLab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await StoredLab.CreateAsync();

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_lab.Data, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("missing", "is missing")]
    [InlineData("empty", "is empty")]
    [InlineData("truncated", "cannot be read")]
    [InlineData("half", "cannot be read")]
    [InlineData("garbage", "cannot be read")]
    [InlineData("new", "lists nothing")]
    public async Task A_lost_catalogue_is_refused_in_one_line_and_made_again_from_the_files(string how, string says)
    {
        await SpoilAsync(how);
        var before = StoredLab.Files(_lab.Data);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => LabServer.StartOnAsync(_lab.Data, ownsData: false));
        var line = LabApplication.Explain(error);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.Contains("./run.sh recover", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(before, StoredLab.Files(_lab.Data));

        var report = await StoredLab.CommandAsync(_lab.Data, "recover");
        Assert.Contains("1 models, 1 datasets and 2 jobs", report, StringComparison.Ordinal);
        await using var server = await LabServer.StartOnAsync(_lab.Data, ownsData: false);
        await _lab.SameAsync(server);
        Assert.Equal(before.Keys.Order(), StoredLab.Files(_lab.Data).Keys.Order());
        Assert.Equal(200, (await server.PostAsync($"/api/v1/jobs/{_lab.Failed}/retry")).Status);
        await server.WaitAsync(_lab.Failed, "failed");
    }

    [Fact]
    public async Task An_older_catalogue_keeps_what_it_knows_and_sets_the_rest_aside()
    {
        var older = Path.Combine(LabServer.NewFolder(), "lab.db");
        File.Copy(Path.Combine(_lab.Data, "lab.db"), older);
        string newer;
        string later;
        await using (var server = await LabServer.StartOnAsync(_lab.Data, ownsData: false))
        {
            newer = await StoredLab.AddModelAsync(server, TinyModel.Bytes("newer"));
            later = await server.SubmitAsync(new { cells = 2, model = newer });
            await server.WaitAsync(later, "succeeded");
        }

        var before = StoredLab.Files(_lab.Data);
        SqliteStore.FilesOf(Path.Combine(_lab.Data, "lab.db")).ToList().ForEach(File.Delete);
        File.Copy(older, Path.Combine(_lab.Data, "lab.db"));
        await using (var server = await LabServer.StartOnAsync(_lab.Data, ownsData: false))
        {
            await _lab.SameAsync(server);
        }

        var aside = Assert.Single(Directory.GetDirectories(Path.Combine(_lab.Data, "quarantine")));
        Assert.True(Directory.Exists(Path.Combine(aside, "jobs", later)));
        Assert.True(File.Exists(Path.Combine(aside, "models", $"{newer}.json")));
        foreach (var (path, hash) in before)
        {
            Assert.True(File.Exists(Path.Combine(_lab.Data, path)) || File.Exists(Path.Combine(aside, path)), path);
            Assert.NotEmpty(hash);
        }

        // Moved back, they are in the catalogue again.
        foreach (var file in Directory.EnumerateFiles(aside, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_lab.Data, Path.GetRelativePath(aside, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(file, target);
        }

        await StoredLab.CommandAsync(_lab.Data, "recover");
        await using (var server = await LabServer.StartOnAsync(_lab.Data, ownsData: false))
        {
            Assert.Equal("succeeded", (await server.JobAsync(later)).GetProperty("state").GetString());
            Assert.Equal(TinyModel.Bytes("newer"), await server.Client.GetByteArrayAsync($"/api/v1/models/{newer}/file"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_is_lost_or_damaged_costs_no_file(bool damaged)
    {
        string snapshot;
        string later;
        await using (var server = await LabServer.StartOnAsync(_lab.Data, ownsData: false))
        {
            later = await server.SubmitAsync(new { cells = 2 });
            await server.WaitAsync(later, "succeeded");
            snapshot = server.Snapshot();
        }

        var wal = Path.Combine(snapshot, "lab.db-wal");
        var bytes = await File.ReadAllBytesAsync(wal);
        Assert.NotEmpty(bytes);
        if (damaged)
        {
            bytes.AsSpan(32).Fill(0x55);
            await File.WriteAllBytesAsync(wal, bytes);
        }
        else
        {
            File.Delete(wal);
            File.Delete(Path.Combine(snapshot, "lab.db-shm"));
        }

        var before = StoredLab.Files(snapshot);
        await using (var server = await LabServer.StartOnAsync(snapshot, ownsData: true))
        {
            await _lab.SameAsync(server);
            var aside = Directory.GetDirectories(Path.Combine(snapshot, "quarantine")).Single();
            Assert.True(Directory.Exists(Path.Combine(aside, "jobs", later)));
            Assert.All(before.Keys, path => Assert.True(File.Exists(Path.Combine(snapshot, path)) || File.Exists(Path.Combine(aside, path)), path));
        }
    }

    [Fact]
    public async Task What_has_no_manifest_is_recovered_as_far_as_it_says_what_it_is()
    {
        Directory.Delete(Path.Combine(_lab.Data, "models"), recursive: true);
        File.Delete(Path.Combine(_lab.Data, "datasets", _lab.Dataset, "manifest.json"));
        File.Delete(Path.Combine(_lab.Data, "jobs", _lab.Job, "manifest.json"));
        SqliteStore.FilesOf(Path.Combine(_lab.Data, "lab.db")).ToList().ForEach(File.Delete);
        var report = await StoredLab.CommandAsync(_lab.Data, "recover");
        Assert.Contains($"datasets/{_lab.Dataset} has no manifest", report, StringComparison.Ordinal);
        Assert.Contains($"jobs/{_lab.Job} has no manifest", report, StringComparison.Ordinal);
        await using var server = await LabServer.StartOnAsync(_lab.Data, ownsData: false);
        var model = (await server.GetJsonAsync("/api/v1/models")).GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Equal(TinyModel.Bytes(), await server.Client.GetByteArrayAsync($"/api/v1/models/{model}/file"));
        Assert.Equal(_lab.Answers[$"/api/v1/datasets/{_lab.Dataset}/samples/1"], await server.Client.GetStringAsync($"/api/v1/datasets/{_lab.Dataset}/samples/1"));
        var aside = Path.Combine(_lab.Data, "quarantine");
        Assert.Single(Directory.GetDirectories(aside, _lab.Job, SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_few_leftovers_of_a_killed_process_do_not_stop_a_lab_without_a_row()
    {
        var data = LabServer.NewFolder();
        await using (await LabServer.StartOnAsync(data, ownsData: false))
        {
        }

        Directory.CreateDirectory(Path.Combine(data, "files", "00"));
        await File.WriteAllTextAsync(Path.Combine(data, "files", "00", new string('0', 64)), "put, and not committed");
        await using var server = await LabServer.StartOnAsync(data, ownsData: true);
        Assert.Single(Directory.GetFiles(Path.Combine(data, "quarantine"), new string('0', 64), SearchOption.AllDirectories));
    }

    private async Task SpoilAsync(string how)
    {
        var path = Path.Combine(_lab.Data, "lab.db");
        var bytes = await File.ReadAllBytesAsync(path);
        SqliteStore.FilesOf(path).ToList().ForEach(File.Delete);
        switch (how)
        {
            case "missing":
                break;
            case "empty":
                await File.WriteAllBytesAsync(path, []);
                break;
            case "truncated":
                await File.WriteAllBytesAsync(path, bytes[..5000]);
                break;
            case "half":
                await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)]);
                break;
            case "garbage":
                await File.WriteAllBytesAsync(path, [.. Enumerable.Repeat((byte)'x', 9000)]);
                break;
            default:
                await using (var other = await LabServer.StartAsync())
                {
                    await using var connection = new SqliteConnection($"Data Source={Path.Combine(other.Data, "lab.db")};Pooling=False");
                    await connection.OpenAsync();
                    await SqliteStore.CopyAsync(connection, path, default);
                }

                break;
        }
    }
}

/// <summary>Backups of a lab that runs, and what a restore does with them.</summary>
public sealed class BackupTests
{
    [Theory]
    [InlineData("lab.tar")]
    [InlineData("lab.tar.gz")]
    public async Task A_backup_of_a_running_lab_is_put_back_as_it_was_and_keeps_what_is_newer(string name)
    {
        var lab = await StoredLab.CreateAsync();
        var file = Path.Combine(LabServer.NewFolder(), name);
        string newer;
        await using (var server = await LabServer.StartOnAsync(lab.Data, ownsData: false))
        {
            await StoredLab.CommandAsync(lab.Data, "backup", file);
            newer = await StoredLab.AddModelAsync(server, TinyModel.Bytes("newer"));
            using var deleted = await server.Client.DeleteAsync($"/api/v1/jobs/{lab.Failed}");
            Assert.True(deleted.IsSuccessStatusCode);
            await Assert.ThrowsAsync<DataDirectoryException>(() => StoredLab.CommandAsync(lab.Data, "restore", file));
        }

        var report = await StoredLab.CommandAsync(lab.Data, "restore", file);
        Assert.Contains("restored", report, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.Combine(lab.Data, "quarantine"), $"{newer}.json", SearchOption.AllDirectories));
        await using (var server = await LabServer.StartOnAsync(lab.Data, ownsData: true))
        {
            await lab.SameAsync(server);
            Assert.Equal("succeeded", (await server.WaitAsync(await server.SubmitAsync(new { cells = 1 }), "succeeded")).GetProperty("state").GetString());
        }

        // And where there is nothing yet.
        var fresh = LabServer.NewFolder();
        await StoredLab.CommandAsync(fresh, "restore", file);
        await using (var server = await LabServer.StartOnAsync(fresh, ownsData: true))
        {
            await lab.SameAsync(server);
        }
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("other")]
    public async Task A_backup_that_is_not_whole_changes_nothing(string how)
    {
        var lab = await StoredLab.CreateAsync();
        var file = Path.Combine(LabServer.NewFolder(), "lab.tar");
        await StoredLab.CommandAsync(lab.Data, "backup", file);
        var bytes = await File.ReadAllBytesAsync(file);
        switch (how)
        {
            case "flipped":
                bytes[bytes.Length / 3] ^= 1;
                break;
            case "cut":
                bytes = bytes[..(bytes.Length / 2)];
                break;
            default:
                bytes = [.. Enumerable.Repeat((byte)'x', 9000)];
                break;
        }

        await File.WriteAllBytesAsync(file, bytes);
        var before = StoredLab.Files(lab.Data);
        var error = await Assert.ThrowsAsync<StartException>(() => StoredLab.CommandAsync(lab.Data, "restore", file));
        Assert.Contains("is no whole backup", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, StoredLab.Files(lab.Data));
        await using var server = await LabServer.StartOnAsync(lab.Data, ownsData: true);
        await lab.SameAsync(server);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_restore_that_was_killed_is_ended_by_the_next_start(int exchanged)
    {
        var lab = await StoredLab.CreateAsync();
        var file = Path.Combine(LabServer.NewFolder(), "lab.tar");
        await StoredLab.CommandAsync(lab.Data, "backup", file);
        var target = (await StoredLab.CreateAsync()).Data;

        // As it is left when it is killed after so many of the exchanges.
        var unpacked = LabServer.NewFolder();
        await StoredLab.CommandAsync(unpacked, "restore", file);
        var whole = Path.Combine(target, "restoring", "new");
        Directory.CreateDirectory(whole);
        string[] names = ["lab.db", "files", "models", "datasets", "jobs"];
        foreach (var name in names)
        {
            Directory.Move(Path.Combine(unpacked, name), Path.Combine(whole, name));
        }

        await File.WriteAllTextAsync(Path.Combine(target, "restoring", "whole"), "then");
        foreach (var name in names[..exchanged])
        {
            Quarantine.Move(Path.Combine(target, name), Path.Combine(target, "quarantine", "then", name));
            Directory.Move(Path.Combine(whole, name), Path.Combine(target, name));
        }

        if (exchanged < names.Length)
        {
            Quarantine.Move(Path.Combine(target, names[exchanged]), Path.Combine(target, "quarantine", "then", names[exchanged]));
        }

        await using var server = await LabServer.StartOnAsync(target, ownsData: true);
        await lab.SameAsync(server);
        Assert.False(Directory.Exists(Path.Combine(target, "restoring")));
    }
}
