using System.Globalization;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.Bottleneck;

/// <summary>Sampled profiles of a real network against its exact one.</summary>
[Trait("speed", "slow")]
public sealed class RealProfileTests
{
    private const int Seeds = 8;

    [Fact]
    public async Task Sampled_profiles_of_the_census_perceptron_are_within_their_errors_and_less_biased_with_the_noise_taken_out()
    {
        using var lab = new Lab { MaxForwardPasses = 1_000_000_000 };
        lab.AddDataset("adult", "csv", """{"label": "label"}""", SharedData.Path("data", "adult.csv"));
        lab.AddModel("mlp", await File.ReadAllBytesAsync(SharedData.Path("models", "adult_mlp5.onnx"), TestContext.Current.CancellationToken));
        const string Games = """ "models": ["mlp"], "dataset": "adult", "samples": {"from": 24000, "to": 24020}, "players": {"type": "columns"}, "baseline": {"type": "zero"}, "device": "cpu" """;
        var exact = (await Measure($$"""{{{Games}}, "method": "exact"}""")).Strength!;
        foreach (var contexts in new[] { 4, 10, 20 })
        {
            var (plain, reduced) = (new Tally(), new Tally());
            for (var seed = 0; seed < Seeds; seed++)
            {
                var profile = await Measure(string.Create(CultureInfo.InvariantCulture, $$"""{{{Games}}, "method": "sampled", "orders": "all", "contexts": {{contexts}}, "pairs": {"count": "all"}, "seed": {{seed}}}"""));
                Assert.Equal(Enumerable.Range(0, 11), profile.Orders);
                plain.Add(profile.Strength!, profile.StandardError, exact);
                reduced.Add(profile.Reduced!, profile.ReducedStandardError, exact);
            }

            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contexts} contexts: plain {plain}; reduced {reduced}"));

            // The orders of a profile are wrong together, so eight profiles are worth far fewer than their 88 intervals.
            Assert.InRange(plain.Held, 0.9, 1);
            Assert.InRange(reduced.Held, 0.9, 1);
            Assert.True(reduced.Error < 0.95 * plain.Error, $"{contexts} contexts: plain {plain}; reduced {reduced}");
            Assert.True(Math.Abs(reduced.Bias(0)) < 0.4 * -plain.Bias(0), $"{contexts} contexts: J at order 0 is off by {plain.Bias(0)}, and by {reduced.Bias(0)} with the noise taken out");
        }

        async Task<ModelProfile> Measure(string spec) => Assert.Single((await (await Job.Run(lab, "bottleneck", spec)).Result<BottleneckResult>()).Models);
    }

    /// <summary>How estimates differ from the truth.</summary>
    private sealed class Tally
    {
        private readonly List<double[]> differences = [];
        private int held;

        /// <summary>The share of intervals of 1.96 standard errors that hold the truth.</summary>
        public double Held => (double)held / differences.Sum(row => row.Length);

        /// <summary>The root mean square over orders and runs.</summary>
        public double Error => Math.Sqrt(differences.SelectMany(row => row).Average(difference => difference * difference));

        public double Bias(int order) => differences.Average(row => row[order]);

        public void Add(IReadOnlyList<double> estimate, IReadOnlyList<double> error, IReadOnlyList<double> exact)
        {
            differences.Add([.. estimate.Zip(exact, (one, truth) => one - truth)]);
            held += Enumerable.Range(0, exact.Count).Count(k => Math.Abs(estimate[k] - exact[k]) <= 1.96 * error[k]);
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"off by {Error:0.0000} (order 0: {Bias(0):+0.000;-0.000}), {Held:P1} of intervals hold");
    }
}
