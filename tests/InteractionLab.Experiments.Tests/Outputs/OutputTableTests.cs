using System.Text;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Training;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.Outputs;

/// <summary>docs/outputs.md: every form of output in every use gives what an independent computation gives, or is refused before it runs.</summary>
public sealed class OutputTableTests
{
    [Fact]
    public async Task The_table_of_outputs_is_what_happens()
    {
        Libtorch.Require();
        var table = new StringBuilder($"| output | {string.Join(" | ", OutputUses.All.Select(use => use.Title))} |\n|---|{string.Concat(OutputUses.All.Select(_ => "---|"))}\n");
        foreach (var form in OutputForm.All)
        {
            using var uses = new OutputUses(form);
            table.Append("| ").Append(form.Title);
            foreach (var (title, run) in OutputUses.All)
            {
                string outcome;
                try
                {
                    outcome = await run(uses);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    throw new InvalidOperationException($"{form.Title}, {title}: {fault.Message}", fault);
                }

                table.Append(" | ").Append(outcome);
            }

            table.Append(" |\n");
        }

        var path = Path.Combine(Repository.Root, "docs", "outputs.md");
        var text = File.ReadAllText(path);
        const string From = "<!-- table -->\n";
        const string To = "<!-- end -->";
        var (from, to) = (text.IndexOf(From, StringComparison.Ordinal) + From.Length, text.IndexOf(To, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("UPDATE_OUTPUTS") == "1")
        {
            File.WriteAllText(path, text[..from] + table + text[to..]);
        }

        Assert.True(File.ReadAllText(path)[from..].StartsWith(table.ToString() + To, StringComparison.Ordinal), "docs/outputs.md is not what happens; UPDATE_OUTPUTS=1 with this test writes it.");
    }
}
