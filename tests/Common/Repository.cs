namespace InteractionLab.Testing;

/// <summary>The repository the tests run in.</summary>
internal static class Repository
{
    /// <summary>The folder that holds the solution; skips the calling test where the tests run elsewhere.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "InteractionLab.sln")))
            {
                folder = folder.Parent;
            }

            Assert.SkipWhen(folder is null, "The tests do not run inside the repository.");
            return folder!.FullName;
        }
    }
}
