using System.Diagnostics;
using System.Text.RegularExpressions;
using InteractionLab.Testing;

namespace InteractionLab.EndToEnd;

/// <summary>
/// Inputs made after public reports (<c>shared/cases</c>), each with a check of its own that computes the right value apart
/// from the lab, in Python with torch and numpy. A case is its folder's name.
/// </summary>
[Trait("speed", "slow")]
public sealed partial class CasesTests(CasesTests.Server server) : IClassFixture<CasesTests.Server>
{
    private const string Python = "/usr/bin/python3";
    private const string Absent = "(none)";

    /// <summary>The cases there are.</summary>
    public static TheoryData<string> Cases => SharedData.FoldersOf("cases").Where(name => Numbered().IsMatch(name)).ToArray() is { Length: > 0 } names ? [.. names] : [Absent];

    /// <summary>The case's own check says PASS.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task GivesTheRightValueOrAClearNo(string name)
    {
        var check = SharedData.Path("cases", name, "check.py");
        Assert.SkipUnless(server.HasOracle, $"{Python} has no torch, onnx, numpy or PIL (Debian: python3-torch python3-onnx python3-numpy python3-pil).");
        var (code, output) = await RunAsync([check], server.Lab!.Address);
        Assert.True(code == 0 && output.TrimEnd().EndsWith("PASS", StringComparison.Ordinal), $"{name} ended with {code}:\n{output}");
    }

    private static async Task<(int Code, string Output)> RunAsync(string[] arguments, Uri? lab = null)
    {
        var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var argument in (string[])["-W", "ignore", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        if (lab is not null)
        {
            start.Environment["LAB"] = lab.GetLeftPart(UriPartial.Authority);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    [GeneratedRegex(@"^\d\d-")]
    private static partial Regex Numbered();

    /// <summary>One server for all cases.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        /// <summary>Whether Python can compute the right values.</summary>
        public bool HasOracle { get; private set; }

        internal LabProcess? Lab { get; private set; }

        /// <inheritdoc/>
        public async ValueTask InitializeAsync()
        {
            HasOracle = File.Exists(Python) && (await RunAsync(["-c", "import torch, onnx, numpy, PIL"])).Code == 0;
            if (HasOracle)
            {
                Lab = await LabProcess.StartAsync(_folder.Path);
            }
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            if (Lab is not null)
            {
                await Lab.DisposeAsync();
            }

            _folder.Dispose();
        }
    }
}
