using System.Text.RegularExpressions;
using InteractionLab.Models.Execution;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.Architecture;

/// <summary>Threads are chosen in one place.</summary>
public sealed partial class ProcessorShareTests
{
    // Who decides, and the two who pass the decision on to a runtime. A check of an upload runs on one thread.
    private static readonly string[] Allowed = ["Execution/ProcessorShare.cs", "Execution/NetworkSession.cs", "Torch/Native/NativeEnvironment.cs", "Torch/Native/TorchThreads.cs"];

    [Fact]
    public void No_other_file_counts_processors_or_sets_threads()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor")
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/Bindings/", StringComparison.Ordinal))
            .ToArray();
        Assert.True(sources.Length > 200, $"{sources.Length} files");
        var choosing = sources.Where(file => Choices().IsMatch(File.ReadAllText(file))).Select(file => file[(file.IndexOf("/src/", StringComparison.Ordinal) + 5)..]).ToArray();
        Assert.Equal(Allowed.Select(name => "InteractionLab.Models/" + name).Order(StringComparer.Ordinal), choosing.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Jobs_together_have_no_more_threads_than_processors(int jobs)
    {
        var threads = ProcessorShare.ThreadsOf(ProcessorShare.Processors, jobs);
        Assert.True(threads >= 1 && (threads == 1 || threads * jobs <= ProcessorShare.Processors), $"{threads} threads each");
        Assert.Equal(8 / Math.Min(jobs, 8), ProcessorShare.ThreadsOf(8, jobs));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(jobs), () => ProcessorShare.Divide(0));
    }

    [GeneratedRegex(@"Environment\.ProcessorCount|set_num_threads\(|IntraOpNumThreads = (?!1\b)|InterOpNumThreads = (?!1\b)|MaxDegreeOfParallelism = (?!threads\b)|""(OMP|OPENBLAS|MKL)_NUM_THREADS""|ThreadPool\.SetM")]
    private static partial Regex Choices();
}
