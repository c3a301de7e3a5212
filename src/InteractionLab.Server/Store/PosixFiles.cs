using System.Runtime.InteropServices;

namespace InteractionLab.Server.Store;

/// <summary>What the system does with files and .NET does not.</summary>
internal static class PosixFiles
{
    /// <summary>A second name of a file, so that it stays when the first is deleted; a copy where the file system has no such names.</summary>
    /// <exception cref="IOException">There is no such file, or the disk is full.</exception>
    public static void LinkOrCopy(string path, string target)
    {
        if (Link(path, target) != 0)
        {
            File.Copy(path, target);
        }
    }

    /// <summary>Waits until everything that was written is on disk.</summary>
    public static void Flush() => Sync();

    [DllImport("libc", EntryPoint = "link", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [MarshalAs(UnmanagedType.LPUTF8Str)] string target);

    [DllImport("libc", EntryPoint = "sync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Sync();
}
