using System.Text.Json.Nodes;
using InteractionLab.Models.Masking;

namespace InteractionLab.Benchmarks.Jobs;

/// <summary>
/// Whole jobs (inference, solving, storing, from submission to result) against inference alone: the same number of games of
/// 10 players on the same masked model, opened before, in the same process; rounds interleaved; nothing cached.
/// Options: --model NAME (cifar_resnet8_e12 and cifar_vit), --samples N (30), --rounds N (7).
/// </summary>
internal static class JobBenchmark
{
    private const double Target = 1.15;
    private const int WarmSamples = 20;

    public static BenchmarkReport Run(string[] args)
    {
        var models = Options.Text(args, "--model") is { } one ? new[] { one } : ["cifar_resnet8_e12", "cifar_vit"];
        var measured = models.Select(model => MeasureAsync(model, Options.Number(args, "--samples", 30), Options.Number(args, "--rounds", 7)).GetAwaiter().GetResult()).ToList();
        return new("job", [.. measured.SelectMany(part => part.Rows)], measured.Select(part => part.Details));
    }

    private static async Task<(IReadOnlyList<BenchmarkRow> Rows, object Details)> MeasureAsync(string name, int samples, int rounds)
    {
        await using var lab = await LabHost.StartAsync("--Lab:CacheBytes=0");
        var (model, dataset) = (await lab.AddModelAsync(name), await lab.AddCifarAsync());
        var game = new MaskedGame(name);
        using var masked = MaskedModel.Build(game.Model, game.Shape, new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu, Speed: new Models.Execution.SpeedMemory()));

        // Both run as many masks at once: which batch each of them would find best is not compared here.
        var (spec, warm) = (Spec(samples), Spec(Math.Min(samples, WarmSamples)));
        var (baseline, values) = (new float[game.Sample.Length], new double[game.Masks.Length]);

        await lab.WarmAsync("masked-samples", warm);
        Infer(1);
        var jobs = new List<double>();
        var runs = Rounds.Run(rounds, () => jobs.Add(lab.RunAsync("masked-samples", spec).GetAwaiter().GetResult().Seconds), () => Infer(samples));
        var ratio = Rounds.Ratio([.. runs[0].Zip(jobs, (run, seconds) => run with { Seconds = seconds })], runs[1]);
        return (
            [
                new($"job {name}, {samples} samples, against inference alone", ratio, AtMost: Target),
                new($"job {name}, in processor time", runs[0].Processor() / runs[1].Processor()),
            ],
            new { model = name, samples, batch = masked.BatchSize, players = MaskedGame.Players, rounds, jobSeconds = Rounds.Median(jobs), inferenceSeconds = runs[1].Seconds() });

        JsonObject Spec(int count)
        {
            var spec = Specs.Masked(model, dataset, count, MaskedGame.Players);
            spec["batch"] = masked.BatchSize;
            return spec;
        }

        void Infer(int games)
        {
            for (var k = 0; k < games; k++)
            {
                masked.Evaluate(game.Sample, baseline, game.Layout, MaskedGame.Target, game.Masks, values);
            }
        }
    }
}
