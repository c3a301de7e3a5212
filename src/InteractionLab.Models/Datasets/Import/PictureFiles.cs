using System.Globalization;
using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Datasets;

/// <summary>One picture of an upload.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Folder">Its class folder, null where it lies in none.</param>
/// <param name="Open">Opens its bytes, counted against a budget.</param>
internal sealed record PictureFile(string Name, string? Folder, Func<Stream> Open);

/// <summary>The pictures of an upload: a zip of class folders, a flat zip, or the files themselves.</summary>
internal sealed class PictureFiles : IDisposable
{
    private const int DeepestWithWrapper = 3;
    private readonly FileStream? _zip;
    private readonly UnpackBudget? _budget;

    private PictureFiles(IReadOnlyList<PictureFile> pictures, FileStream? zip = null, UnpackBudget? budget = null)
    {
        Pictures = pictures;
        _zip = zip;
        _budget = budget;
    }

    /// <summary>In the order of the dataset: as uploaded, or by path within a zip.</summary>
    public IReadOnlyList<PictureFile> Pictures { get; }

    /// <summary>Lists the pictures without reading them.</summary>
    public static PictureFiles List(ImportRequest request)
    {
        var zips = request.Files.Where(IsZip).ToList();
        if (zips.Count == 0)
        {
            return new PictureFiles([.. request.Files.Select(f => new PictureFile(f.FileName, null, () => ImportRequest.Open(f)))]);
        }

        if (request.Files.Count > 1)
        {
            throw new DatasetRejectedException("files", "images takes one zip, or single pictures, not several of them mixed");
        }

        var stream = ImportRequest.Open(zips[0]);
        try
        {
            var budget = new UnpackBudget(request.Limits.MaxUnpackedBytes);
            return new PictureFiles(InZip(new ZipSource(stream, request.Limits.MaxEntries, budget)), stream, budget);
        }
        catch (InvalidDataException e)
        {
            stream.Dispose();
            throw ImportRequest.Fault(zips[0].FileName, e.Message, e);
        }
    }

    /// <summary>
    /// Class of every picture and the names by class. Folders that are all numbers keep them ("7" is class 7, which
    /// is what a digit classifier means by it); others are numbered in ordinal order.
    /// </summary>
    public (IReadOnlyList<int>? Labels, IReadOnlyList<string>? Names) Classes()
    {
        if (Pictures[0].Folder is null)
        {
            return (null, null);
        }

        var names = Pictures.Select(p => p.Folder!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var numbers = names.ConvertAll(Number);
        if (numbers.TrueForAll(n => n is not null))
        {
            return ([.. Pictures.Select(p => Number(p.Folder!)!.Value)], null);
        }

        var rank = names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.Ordinal);
        return ([.. Pictures.Select(p => rank[p.Folder!])], names.ConvertAll(Printable.Text));
    }

    /// <summary>Starts another pass over the pictures: the limit on unpacked bytes holds for each.</summary>
    public void Restart() => _budget?.Restart();

    public void Dispose() => _zip?.Dispose();

    private static int? Number(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && n <= LabelRange.Largest && n.ToString(CultureInfo.InvariantCulture) == name ? n : null;

    private static bool IsZip(UploadedFile file)
    {
        using var stream = ImportRequest.Open(file);
        var start = new byte[4];
        return stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && ZipSource.IsZip(start);
    }

    private static List<PictureFile> InZip(ZipSource zip)
    {
        var found = new List<(ZipMember Member, string[] Path)>();
        foreach (var member in zip.Members)
        {
            var path = SafePath(member);
            var ignored = path[0] == "__MACOSX" || path.Any(p => p.StartsWith('.'));
            if (!ignored && !member.IsFolder)
            {
                found.Add((member, path));
            }
        }

        if (found.Count == 0)
        {
            throw new InvalidDataException("it holds no pictures");
        }

        // A single folder around all the class folders is what zipping a folder gives; it is no class.
        var wrapped = found.TrueForAll(f => f.Path.Length == DeepestWithWrapper && f.Path[0] == found[0].Path[0]);
        var depth = wrapped ? DeepestWithWrapper : Math.Min(found[0].Path.Length, 2);
        if (found.Find(f => f.Path.Length != depth) is { Path: not null } odd)
        {
            throw new InvalidDataException($"'{Printable.Text(odd.Member.Name)}' does not fit: pictures lie all at the top, or all in class folders, not deeper");
        }

        return [.. found.OrderBy(f => f.Member.Name, StringComparer.Ordinal)
            .Select(f => new PictureFile(f.Member.Name, depth == 1 ? null : f.Path[^2], () => zip.Open(f.Member)))];
    }

    /// <summary>The parts of a member's path, none of which leads anywhere else.</summary>
    private static string[] SafePath(ZipMember member)
    {
        var name = member.Name.TrimEnd('/');
        var parts = name.Split('/');
        var shown = Printable.Text(member.Name);
        if (member.IsSpecial)
        {
            throw new InvalidDataException($"'{shown}' is a link or a device, not a file");
        }

        if (name.Length == 0 || name[0] == '/' || name.Contains(':', StringComparison.Ordinal))
        {
            throw new InvalidDataException($"'{shown}' is an absolute or empty name");
        }

        return parts.Any(p => p is ".." or "." or "" || p.Any(char.IsControl))
            ? throw new InvalidDataException($"'{shown}' leads out of the zip or is no proper name")
            : parts;
    }
}
