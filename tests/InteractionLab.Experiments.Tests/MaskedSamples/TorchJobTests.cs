using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Specs;
using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Tests.MaskedSamples;

/// <summary>masked-samples on torch, and players by attribution for both executors.</summary>
public sealed class TorchJobTests : IDisposable
{
    private readonly Lab _lab = Lab.Tiny();

    public TorchJobTests() => Assert.SkipUnless(NetworkDevice.Missing(NetworkExecutor.Torch) is null, NetworkDevice.Missing(NetworkExecutor.Torch) ?? "");

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Both_executors_give_the_same_table()
    {
        var tables = new List<double[]>();
        foreach (var executor in new[] { "onnxruntime", "torch" })
        {
            var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec($$"""{"executor": "{{executor}}", "samples": [1, 2]}"""));
            tables.Add(Npz.Read<double>(await job.Artifact("values.npz"), "v", out _));
            Assert.Equal(executor, job.Work.Spec.GetProperty("executor").GetString());
        }

        Assert.Equal(2 << 6, tables[1].Length);
        Assert.All(tables[0].Zip(tables[1]), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.NotEqual(tables[0][0], tables[0][^1], 1e-3);
    }

    [Theory]
    [InlineData("onnxruntime")]
    [InlineData("torch")]
    public async Task Attribution_chooses_the_players_of_each_sample(string executor)
    {
        var spec = MaskedSamplesSpecTests.Spec($$$"""{"executor": "{{{executor}}}", "samples": [0, 1, 2], "players": {"type": "grid", "rows": 4, "columns": 4, "select": 5, "by": "attribution"}, "value": {"type": "logit", "target": 2}, "baseline": {"type": "zero"}}""");
        var job = await Job.Run(_lab, "masked-samples", spec);
        var result = await job.Result<MaskedSamplesResult>();
        Assert.Contains(result.Notes, note => note.Contains("integrated gradients", StringComparison.Ordinal));
        using var pictures = _lab.OpenDataset("pictures");
        foreach (var sample in result.Samples)
        {
            Assert.Equal(Expected(pictures.Get(sample.Index).Values, 2, 5), sample.Players);
            Assert.InRange(Math.Abs(sample.AttributionDelta!.Value), 0, 0.05 * Math.Max(1, Math.Abs(sample.VFull)));
        }

        // Another attempt, which shares nothing with the first, chooses the same.
        using var other = Lab.Tiny();
        Assert.Equal(await job.Everything(), await (await Job.Run(other, "masked-samples", spec)).Everything());
        Assert.True(result.Samples.Select(sample => string.Join(',', sample.Players)).Distinct().Count() > 1);
    }

    /// <summary>The same choice by a fine midpoint rule on the network's formula, written out.</summary>
    private static int[] Expected(float[] x, int target, int count)
    {
        const int Steps = 2000;
        const int Hidden = 12;
        var cells = x.Length;
        var sums = new double[16];
        var gradient = new double[cells];
        for (var step = 0; step < Steps; step++)
        {
            var at = (step + 0.5) / Steps;
            for (var h = 0; h < Hidden; h++)
            {
                var active = 0.3 * Math.Cos(h);
                for (var i = 0; i < cells; i++)
                {
                    active += at * x[i] * First((i * Hidden) + h, cells);
                }

                for (var i = 0; i < cells && active > 0; i++)
                {
                    gradient[i] += First((i * Hidden) + h, cells) * Math.Cos((((h * 4) + target) * 1.3) + 0.5) / Steps;
                }
            }
        }

        for (var i = 0; i < cells; i++)
        {
            sums[(i / 8 % 8 / 2 * 4) + (i % 8 / 2)] += Math.Abs(gradient[i] * x[i]);
        }

        return [.. Enumerable.Range(0, 16).OrderByDescending(patch => sums[patch]).Take(count).Order()];
    }

    private static double First(int i, int cells) => Math.Sin((i * 0.7) + 1) / Math.Sqrt(cells);
}
