using System.IO.Compression;

namespace InteractionLab.Server.Tests.Support;

/// <summary>
/// What the program left before its store had migrations: <c>schema-1.db</c> is a database of its first tables,
/// <c>lab-schema-2.zip</c> a data directory as kill -9 left it, with one job of every kind, jobs in every state, and
/// what the server of then answered.
/// </summary>
internal static class Fixture
{
    public const string FirstSchema = "schema-1.db";

    private const string SecondSchema = "lab-schema-2.zip";

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    /// <summary>Unpacks the data directory, with the answers beside it; both under a new folder.</summary>
    public static (string Data, string Answers) Unpack()
    {
        var folder = LabServer.NewFolder();
        ZipFile.ExtractToDirectory(PathOf(SecondSchema), folder);
        return (Path.Combine(folder, "lab"), Path.Combine(folder, "answers"));
    }
}
