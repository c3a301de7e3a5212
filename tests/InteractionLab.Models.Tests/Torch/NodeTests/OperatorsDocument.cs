using System.Globalization;
using System.Text;
using InteractionLab.Models.Torch.Operators;

namespace InteractionLab.Models.Tests.Torch.NodeTests;

/// <summary>docs/operators.md, written from what the node tests show.</summary>
internal static class OperatorsDocument
{
    public static string Counts(IReadOnlyList<NodeOutcome> outcomes) => string.Create(
        CultureInfo.InvariantCulture,
        $"ONNX node tests: {outcomes.Count(outcome => outcome.Passed)} passed / {outcomes.Count(outcome => outcome.Supported)} supported by both executors / {outcomes.Count} in all");

    public static string Write(IReadOnlyList<NodeOutcome> outcomes, IReadOnlyDictionary<string, string> unreachable)
    {
        var text = new StringBuilder("""
            # Operators of the torch executor

            Written by a test (`UPDATE_OPERATORS=1` with `InteractionLab.Models.Tests.Torch.NodeTests.NodeTests`), which fails
            where this page is not true. Operator sets 7 to 20. The node tests are ONNX's own backend tests as Debian packages
            them (libonnx-testdata); a case passes when torch gives its expected outputs with a relative error of 1e-3 and an
            absolute one of 1e-7, the suite's defaults. A case is supported when ONNX Runtime and torch both accept its
            operators and element types. Half precision is computed in single; strings, sequences, optionals and unsigned
            integers wider than 8 bits are refused. Unsupported operators are named before anything runs.


            """);
        text.Append(Counts(outcomes)).Append(".\n\n## Supported\n\n| operator | node tests: passed / supported / all |\n|---|---|\n");
        foreach (var name in OperatorTable.Names)
        {
            var cases = outcomes.Where(outcome => outcome.Case.Operators.Contains(name)).ToList();
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {cases.Count(outcome => outcome.Passed)} / {cases.Count(outcome => outcome.Supported)} / {cases.Count} |\n");
        }

        text.Append("\n## Supported cases that do not pass\nNeither executor can give what these expect.\n\n| case | why |\n|---|---|\n");
        foreach (var outcome in outcomes.Where(outcome => outcome is { Supported: true, Passed: false }))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {outcome.Case.Name} | {unreachable.GetValueOrDefault(outcome.Case.Name, outcome.Fault!)} |\n");
        }

        var missing = outcomes.SelectMany(outcome => outcome.Case.Operators).Where(name => !OperatorTable.Names.Contains(name))
            .GroupBy(name => name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal);
        text.Append("\n## Operators of the tests that torch does not run here\n\n| operator | node tests |\n|---|---|\n");
        foreach (var group in missing)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {group.Key} | {group.Count()} |\n");
        }

        return text.ToString();
    }
}
