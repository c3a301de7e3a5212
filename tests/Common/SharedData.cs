namespace InteractionLab.Testing;

/// <summary>
/// Locates the real models, data and games that lie in a folder named <c>shared</c> beside the repository (or beside
/// any of its parents). Tests that need them skip, and say so, when it is absent.
/// </summary>
internal static class SharedData
{
    private static readonly string? Root = Find();

    /// <summary>The full path of a file or folder under <c>shared</c>; skips the calling test when it is absent.</summary>
    public static string Path(params string[] parts)
    {
        Assert.SkipWhen(Root is null, "The folder shared/ (real models, data and games) is not beside this repository.");
        var path = System.IO.Path.Combine([Root!, .. parts]);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"shared/{string.Join('/', parts)} is absent.");
        return path;
    }

    /// <summary>The names of the folders in a part of <c>shared</c>, in their order; none where it is absent.</summary>
    public static IReadOnlyList<string> FoldersOf(string part) =>
        Root is not null && Directory.Exists(System.IO.Path.Combine(Root, part)) ? [.. Directory.GetDirectories(System.IO.Path.Combine(Root, part)).Select(System.IO.Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)] : [];

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "shared");
            if (File.Exists(System.IO.Path.Combine(candidate, "vectors", "games.json")))
            {
                return candidate;
            }
        }

        return null;
    }
}
