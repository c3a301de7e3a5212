using System.Globalization;
using System.Text;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Torch.NodeTests;

/// <summary>
/// ONNX's own backend node tests (rtol 1e-3, atol 1e-7, the suite's defaults) for every operator that both executors
/// support, and the table of operators that follows from them.
/// </summary>
public sealed class NodeTests
{
    /// <summary>Cases whose expected output neither executor can give.</summary>
    private static readonly Dictionary<string, string> Unreachable = new(StringComparer.Ordinal)
    {
        ["test_cast_FLOAT_to_BFLOAT16"] = "bfloat16 is expected truncated, both executors round",
        ["test_castlike_FLOAT_to_BFLOAT16"] = "bfloat16 is expected truncated, both executors round",
        ["test_castlike_FLOAT_to_BFLOAT16_expanded"] = "bfloat16 is expected truncated, both executors round",
        ["test_resize_downsample_scales_cubic_align_corners"] = "expected of an unrounded output size, which later versions of ONNX call a mistake",
        ["test_resize_downsample_scales_linear_align_corners"] = "expected of an unrounded output size, which later versions of ONNX call a mistake",
        ["test_training_dropout"] = "expected of NumPy's random numbers",
        ["test_training_dropout_default"] = "expected of NumPy's random numbers",
        ["test_training_dropout_default_mask"] = "expected of NumPy's random numbers",
        ["test_training_dropout_mask"] = "expected of NumPy's random numbers",
    };

    private static readonly Lazy<IReadOnlyList<NodeOutcome>> Outcomes = new(NodeSuite.Run);

    [Fact]
    public void Torch_gives_the_expected_outputs_of_every_node_test_that_both_executors_take()
    {
        TorchLibrary.Require();
        var outcomes = Outcomes.Value;
        var supported = outcomes.Where(outcome => outcome.Supported).ToList();
        Console.WriteLine(Report(outcomes));
        var missed = supported.Where(outcome => !outcome.Passed).ToList();
        Assert.Equal(Unreachable.Keys.Order(StringComparer.Ordinal), missed.Select(outcome => outcome.Case.Name));
        Assert.All(missed, outcome => Assert.NotNull(outcome.RuntimeFault));
        Assert.InRange(supported.Count, 650, outcomes.Count);
    }

    [Fact]
    public void The_table_of_operators_is_what_the_tests_show()
    {
        TorchLibrary.Require();
        var path = Path.Combine(Repository.Root, "docs", "operators.md");
        var table = OperatorsDocument.Write(Outcomes.Value, Unreachable);
        if (Environment.GetEnvironmentVariable("UPDATE_OPERATORS") == "1")
        {
            File.WriteAllText(path, table);
        }

        Assert.True(File.ReadAllText(path) == table, "docs/operators.md is not what the executors do; UPDATE_OPERATORS=1 with this test writes it.");
    }

    private static string Report(IReadOnlyList<NodeOutcome> outcomes)
    {
        var report = new StringBuilder(OperatorsDocument.Counts(outcomes));
        foreach (var group in outcomes.Where(outcome => !outcome.Supported).GroupBy(outcome => string.Join(", ", outcome.Case.Operators)).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            report.AppendLine().Append(CultureInfo.InvariantCulture, $"  not supported by both: {group.Key} ({group.Count()}): {group.First().Torch ?? group.First().Runtime}");
        }

        foreach (var outcome in outcomes.Where(outcome => outcome.RuntimeFault is not null))
        {
            report.AppendLine().Append(CultureInfo.InvariantCulture, $"  ONNX Runtime differs: {outcome.Case.Name}: {outcome.RuntimeFault}");
        }

        return report.ToString();
    }
}
