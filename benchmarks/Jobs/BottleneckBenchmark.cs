using InteractionLab.Interactions;
using InteractionLab.Models.Masking;

namespace InteractionLab.Benchmarks.Jobs;

/// <summary>
/// Sampled bottleneck jobs on a 16x16 grid of cifar_resnet8 against the plain scheme, which evaluates four masks for every
/// pair, context and order: forward passes, and seconds of the whole job beside the plain scheme's inference alone. Dense
/// pairs lie within two cells of one another and share masks; sparse ones are any. Options: --samples N (2), --dense N
/// (1000 pairs in 4 contexts), --sparse N (60 pairs in 60 contexts).
/// </summary>
internal static class BottleneckBenchmark
{
    private const int Side = 16;
    private const int Orders = 5;
    private const int PlainPasses = 4;
    private const int TimedMasks = 4000;

    public static BenchmarkReport Run(string[] args) => RunAsync(args).GetAwaiter().GetResult();

    private static async Task<BenchmarkReport> RunAsync(string[] args)
    {
        var samples = Options.Number(args, "--samples", 2);
        await using var lab = await LabHost.StartAsync("--Lab:CacheBytes=0");
        var (dataset, model) = (await lab.AddCifarAsync(), await lab.AddModelAsync("cifar_resnet8_e12"));
        await lab.RunAsync("bottleneck", Specs.Bottleneck(model, dataset, 1, Side, 10, 2, 4));
        (string Name, int Pairs, int? Radius, int Contexts)[] cases =
        [
            ("dense", Options.Number(args, "--dense", 1000), 2, 4),
            ("sparse", Options.Number(args, "--sparse", 60), null, 60),
        ];
        var (rows, details) = (new List<BenchmarkRow>(), new List<object>());
        foreach (var (name, pairs, radius, contexts) in cases)
        {
            var plain = PlainSeconds();
            var job = await lab.RunAsync("bottleneck", Specs.Bottleneck(model, dataset, samples, Side, pairs, radius, contexts));
            var terms = (double)samples * pairs * contexts * Orders;
            plain = (plain + PlainSeconds()) / 2;
            rows.Add(new($"bottleneck, {name} pairs: passes a pair and context (plain: {PlainPasses})", job.Passes / terms));
            rows.Add(new($"bottleneck, {name} pairs: seconds of the job of the plain scheme's", job.Seconds / terms / (PlainPasses * plain), AtMost: 1));
            details.Add(new { pairs, radius, contexts, orders = Orders, samples, job.Passes, plainPasses = PlainPasses * terms, job.Seconds, plainSeconds = PlainPasses * terms * plain });
        }

        return new("bottleneck", rows, details);
    }

    /// <summary>Seconds a forward pass of random masks on the same network.</summary>
    private static double PlainSeconds()
    {
        var game = new MaskedGame("cifar_resnet8_e12");
        var (height, width) = (game.Shape[^2], game.Shape[^1]);
        var layout = new PlayerLayout(Side * Side, [.. Enumerable.Range(0, game.Sample.Length).Select(i => (i / width % height * Side / height * Side) + (i % width * Side / width))]);
        using var masked = MaskedModel.Build(game.Model, game.Shape, new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu, Speed: new Models.Execution.SpeedMemory()));
        var (random, masks) = (new Random(1), new MaskList(layout.Players));
        var mask = new ulong[masks.Words];
        while (masks.Count < TimedMasks)
        {
            for (var word = 0; word < mask.Length; word++)
            {
                mask[word] = (ulong)random.NextInt64() ^ ((ulong)random.NextInt64() << 1);
            }

            masks.Place(mask);
        }

        var (baseline, values) = (new float[game.Sample.Length], new double[masks.Count]);
        return Elapsed.Of(() => masked.Evaluate(game.Sample, baseline, layout, MaskedGame.Target, masks, values)).Seconds / TimedMasks;
    }
}
