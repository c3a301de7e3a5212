using System.Diagnostics;

namespace InteractionLab.Server.Tests.Support;

/// <summary>A disk of its own that a test can fill: a tmpfs, which needs root. <see cref="TryMount"/> skips the test without.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _filler;

    private SmallDisk(string root)
    {
        Root = root;
        _filler = Path.Combine(root, "filler");
    }

    public string Root { get; }

    public static SmallDisk TryMount(int megabytes)
    {
        var root = LabServer.NewFolder();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", root) != 0)
        {
            Directory.Delete(root);
            Assert.Skip("A disk that is full needs a tmpfs, and that needs root.");
        }

        return new SmallDisk(root);
    }

    /// <summary>Fills the disk to its last byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(_filler, FileMode.Append, FileAccess.Write, FileShare.None, 1);
        for (var size = 1 << 20; size > 0;)
        {
            try
            {
                file.Write(new byte[size]);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    /// <summary>Frees what <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(_filler);

    public void Dispose()
    {
        Run("umount", "-l", Root);
        Directory.Delete(Root);
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
