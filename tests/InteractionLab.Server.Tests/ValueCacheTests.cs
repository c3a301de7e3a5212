using InteractionLab.Server.Configuration;
using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Tests;

/// <summary>The cache of outputs on disk: bounded, safe to delete, never a reason to fail.</summary>
public sealed class ValueCacheTests : IDisposable
{
    private readonly string _root = LabServer.NewFolder();
    private readonly DataDirectory _data;
    private readonly Clock _time = new();

    public ValueCacheTests() => _data = new DataDirectory(_root);

    public void Dispose()
    {
        _data.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void What_is_kept_is_found_also_by_the_next_server()
    {
        var cache = Open(1000);
        Assert.Null(cache.Find(Key(1)));
        cache.Keep(Key(1), [1, 2, 3]);
        cache.Keep(Key(1), [4, 5]);
        Assert.Equal([4, 5], cache.Find(Key(1))!);
        Assert.Equal([4, 5], Open(1000).Find(Key(1))!);
        Assert.Equal(2, Open(1000).Bytes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_data.Temporary));
    }

    [Fact]
    public void The_least_recently_used_go_first_also_after_a_restart()
    {
        var cache = Open(300);
        for (var i = 0; i < 3; i++)
        {
            Keep(cache, i);
        }

        Assert.NotNull(Touch(cache, 0));
        Keep(cache, 3);
        Assert.Equal([true, false, true, true], Held(4));

        // A server that starts knows the order from the files.
        cache = Open(300);
        Assert.NotNull(Touch(cache, 2));
        Keep(cache, 4);
        Assert.Equal([false, false, true, true, true], Held(5));
        Assert.Equal(300, cache.Bytes);

        // A smaller limit holds when the server starts, and from the next entry on.
        cache = Open(250);
        cache.Trim();
        Assert.Equal([false, false, true, false, true], Held(5));
        cache = Open(150);
        Keep(cache, 5);
        Assert.Equal([false, false, false, false, false, true], Held(6));
    }

    [Fact]
    public void Files_that_are_no_entries_are_neither_counted_nor_removed()
    {
        Keep(Open(1000), 0);
        var stray = Path.Combine(_data.Values, "x");
        File.WriteAllText(stray, new string('y', 500));
        File.SetLastWriteTimeUtc(stray, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var cache = Open(150);
        Assert.Equal(100, cache.Bytes);
        Keep(cache, 1);
        Assert.Equal([false, true], Held(2));
        Assert.True(File.Exists(stray));
    }

    [Fact]
    public void A_limit_of_0_keeps_nothing_and_finds_nothing()
    {
        Keep(Open(1000), 0);
        var cache = Open(0);
        Assert.Null(cache.Find(Key(0)));
        Assert.False(cache.Has(Key(0)));
        cache.Trim();
        Assert.Equal([false], Held(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    public void An_entry_above_the_limit_is_not_kept(long most)
    {
        var cache = Open(most);
        Keep(cache, 1);
        Assert.Null(cache.Find(Key(1)));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void The_folder_may_be_deleted_while_the_server_runs()
    {
        var cache = Open(1000);
        Keep(cache, 1);
        Keep(cache, 2);
        Directory.Delete(Path.Combine(_root, "cache"), recursive: true);
        Assert.Null(cache.Find(Key(1)));
        Assert.Equal(100, cache.Bytes);
        Keep(cache, 1);
        Keep(cache, 2);
        Assert.NotNull(cache.Find(Key(1)));
        Assert.Equal(200, cache.Bytes);
    }

    [Fact]
    public void A_disk_that_cannot_be_written_loses_the_entry_and_nothing_else()
    {
        File.WriteAllText(Path.Combine(_root, "cache"), "in the way of the folder");
        var cache = Open(1000);
        Keep(cache, 1);
        Assert.Null(cache.Find(Key(1)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_data.Temporary));
    }

    [Fact]
    public async Task Many_threads_keep_and_find_within_the_limit()
    {
        var cache = Open(2000);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(
            () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    var key = (i * 7) + (thread % 2);
                    cache.Keep(Key(key % 40), Bytes(key % 40));
                    if (cache.Find(Key((key + 3) % 40)) is { } found)
                    {
                        Assert.Equal(Bytes((key + 3) % 40), found);
                    }
                }
            },
            TestContext.Current.CancellationToken)));
        Assert.InRange(cache.Bytes, 1, 2000);
        Keep(cache, 1);
        var held = new DirectoryInfo(_data.Values).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.InRange(held, 1, 2000);
    }

    [Theory]
    [InlineData("../../lab.db")]
    [InlineData("ABCDEF")]
    public void A_key_that_is_no_hash_is_refused(string key) => Assert.Throws<ArgumentException>(() => Open(1000).Find(key));

    private static string Key(int i) => i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Bytes(int i) => [.. Enumerable.Repeat((byte)i, 100)];

    private ValueCache Open(long most) => new(_data, new DiskReserve(_data, NullLogger<DiskReserve>.Instance), Options.Create(new LabOptions { CacheBytes = most }), _time, NullLogger<ValueCache>.Instance);

    private void Keep(ValueCache cache, int i)
    {
        _time.Now += TimeSpan.FromSeconds(10);
        cache.Keep(Key(i), Bytes(i));
    }

    private byte[]? Touch(ValueCache cache, int i)
    {
        _time.Now += TimeSpan.FromSeconds(10);
        return cache.Find(Key(i));
    }

    private bool[] Held(int count) => [.. Enumerable.Range(0, count).Select(i => File.Exists(PathOf(i)))];

    private string PathOf(int i) => Path.Combine(_data.Values, Key(i)[..2], Key(i));

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2024, 5, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
