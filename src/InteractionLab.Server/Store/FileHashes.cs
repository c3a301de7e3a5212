using System.Security.Cryptography;

namespace InteractionLab.Server.Store;

/// <summary>SHA-256 of files, read as a stream.</summary>
internal static class FileHashes
{
    /// <summary>Of one file, as 64 hexadecimal digits.</summary>
    public static string Of(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Of one file, as 64 hexadecimal digits, without holding a thread.</summary>
    public static async Task<string> OfAsync(string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, useAsync: true);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }

    /// <summary>Of each file of a folder, by its name, but for a manifest.</summary>
    public static IReadOnlyDictionary<string, string> OfFolder(string folder)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(folder).Where(path => Path.GetFileName(path) != Manifests.Name))
        {
            hashes[Path.GetFileName(path)] = Of(path);
        }

        return hashes;
    }
}
