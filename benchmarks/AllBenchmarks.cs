using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Benchmarks;

/// <summary>
/// Every benchmark of the table, one after another, and the table as Markdown. What cannot be measured here (no PyTorch, no
/// folder <c>shared</c>) is said below the table. Options: --only NAME,NAME; --quick (small settings, to see that it works).
/// </summary>
internal static class AllBenchmarks
{
    private static readonly Dictionary<string, string[]> Quick = new(StringComparer.Ordinal)
    {
        ["masked-samples"] = ["--repetitions", "2"],
        ["cut"] = ["--repetitions", "2"],
        ["python"] = ["--repetitions", "2"],
        ["job"] = ["--samples", "3", "--rounds", "1"],
        ["growth"] = ["--samples", "100", "--players", "15", "--ratios", "11", "--rounds", "1"],
        ["bottleneck"] = ["--samples", "1", "--dense", "100", "--sparse", "10"],
        ["solver"] = ["--no-growth", "--no-paper", "--repeats", "1"],
        ["transforms"] = ["--repeats", "3"],
        ["training"] = ["--epochs", "2", "--steps", "2", "--network", "mlp5"],
    };

    /// <summary>Runs them and prints the table.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="benchmarks">By name, in the order of the table.</param>
    /// <param name="target">Where the table goes.</param>
    public static void Run(string[] args, IReadOnlyDictionary<string, Func<string[], object>> benchmarks, TextWriter target)
    {
        var only = Options.Text(args, "--only")?.Split(',');
        var (rows, missing) = (new List<BenchmarkRow>(), new List<string>());
        foreach (var (name, benchmark) in benchmarks.Where(entry => only is null || only.Contains(entry.Key)))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetLocalNow():HH:mm:ss} {name}"));
            try
            {
                rows.AddRange(RowsOf(name, benchmark(args.Contains("--quick") ? Quick.GetValueOrDefault(name, []) : [])));
            }
            catch (Exception fault) when (fault is IOException or InvalidOperationException or PlatformNotSupportedException or System.ComponentModel.Win32Exception)
            {
                missing.Add($"{name}: {fault.Message}");
            }
        }

        target.Write(Table(rows, missing));
    }

    /// <summary>The table: what, value, target, met; below it the machine and the date.</summary>
    internal static string Table(IReadOnlyList<BenchmarkRow> rows, IReadOnlyList<string> missing)
    {
        var text = new StringBuilder("| what | value | target | met |\n|---|---|---|---|\n");
        foreach (var row in rows)
        {
            var met = row.Met switch { true => "yes", false => "no", null => "" };
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name} | {Number(row.Value)}{(row.Unit.Length > 0 ? " " : "")}{row.Unit} | {row.Target} | {met} |\n");
        }

        foreach (var line in missing)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nNot measured: {line}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n{Machine()}; {TimeProvider.System.GetUtcNow():yyyy-MM-dd}\n").ToString();
    }

    // Three digits of a fraction; whole numbers as they are.
    private static string Number(double value) => !double.IsFinite(value) ? "not measurable" : Math.Abs(value) >= 1000 || value == Math.Round(value)
        ? value.ToString("N0", CultureInfo.InvariantCulture)
        : value.ToString("G3", CultureInfo.InvariantCulture);

    private static string Machine()
    {
        const string Cpus = "/proc/cpuinfo";
        var name = File.Exists(Cpus) ? File.ReadLines(Cpus).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        return string.Create(CultureInfo.InvariantCulture, $"{name ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}");
    }

    private static IEnumerable<BenchmarkRow> RowsOf(string name, object measured)
    {
        if (measured is BenchmarkReport report)
        {
            return report.Rows;
        }

        var json = JsonSerializer.SerializeToNode(measured, JsonSerializerOptions.Web)!;
        return name switch
        {
            "solver" => Rows(("solver, certified, 10 players, median", json["single"]?["alone"]?["medianMs"], "ms a game")),
            "transforms" => Rows(
                ("transforms, n = 20, against n/4 copies of the table", json["n20"]?["ratioToCopies"], ""),
                ("transforms, n = 14, naive sum against ours", json["n14"]?["ratio"], "")),
            "training" => json["results"]!.AsArray().SelectMany(result => Rows(
                ($"training {result!["network"]}, lab", result["labStepsPerSecond"], "steps/s"),
                ($"training {result["network"]}, PyTorch", result["pytorchStepsPerSecond"], "steps/s"))),
            _ => [],
        };
    }

    private static IEnumerable<BenchmarkRow> Rows(params (string Name, JsonNode? Value, string Unit)[] figures) =>
        figures.Where(figure => figure.Value is not null).Select(figure => new BenchmarkRow(figure.Name, figure.Value!.GetValue<double>(), Unit: figure.Unit));
}
