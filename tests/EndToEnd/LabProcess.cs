using System.Diagnostics;
using System.Text.RegularExpressions;
using InteractionLab.Testing;

namespace InteractionLab.EndToEnd;

/// <summary>The real server as its own process on a free loopback port, over a data directory that outlives it.</summary>
internal sealed partial class LabProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LabProcess(string data, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = data,
        };
        foreach (var argument in (string[])[ServerAssembly(), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        // A server of a test lives for a minute: code that is compiled to be measured is never compiled again.
        start.Environment["DOTNET_TieredPGO"] = "0";

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Receive(e.Data);
        _process.ErrorDataReceived += (_, e) => Receive(e.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException("The server ended before it listened:\n" + Output));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>A client of its API.</summary>
    public LabClient Client { get; private set; } = null!;

    /// <summary>Everything it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    public static async Task<LabProcess> StartAsync(string data, params string[] arguments)
    {
        var lab = new LabProcess(data, Serving(data, arguments));
        lab.Address = await lab._listening.Task.WaitAsync(TimeSpan.FromSeconds(90));
        lab.Client = new LabClient(lab.Address);
        return lab;
    }

    /// <summary>Runs the server expecting it to end by itself; returns its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(string data, params string[] arguments)
    {
        await using var lab = new LabProcess(data, Serving(data, arguments));
        _ = lab._listening.Task.ContinueWith(t => t.Exception, TaskScheduler.Default);
        await lab._process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (lab._process.ExitCode, lab.Output);
    }

    /// <summary>Runs a command of the program on a data directory, and kills it after a time where one is given.</summary>
    /// <returns>Its exit code, that of a killed process where it was faster; and what it said.</returns>
    public static async Task<(int ExitCode, string Output)> CommandAsync(string data, TimeSpan? kill, string name, params string[] arguments)
    {
        await using var lab = new LabProcess(data, [name, .. arguments, "--data", data]);
        _ = lab._listening.Task.ContinueWith(t => t.Exception, TaskScheduler.Default);
        if (kill is { } time)
        {
            await Task.WhenAny(lab._process.WaitForExitAsync(), Task.Delay(time));
            lab._process.Kill(entireProcessTree: true);
        }

        await lab._process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
        return (lab._process.ExitCode, lab.Output);
    }

    /// <summary>kill -9: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        Client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Client?.Dispose();
        _process.Dispose();
    }

    private static string[] Serving(string data, string[] arguments) => ["--urls", "http://127.0.0.1:0", "--data", data, .. arguments];

    private static string ServerAssembly()
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        return Path.Combine(Repository.Root, "src", "InteractionLab.Server", "bin", configuration, "net10.0", "InteractionLab.Server.dll");
    }

    private void Receive(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.Add(line);
        }

        if (ListeningLine().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"(?:Now listening on|listens on|InteractionLab)[^h]*(http://127\.0\.0\.1:\d+)")]
    private static partial Regex ListeningLine();
}
