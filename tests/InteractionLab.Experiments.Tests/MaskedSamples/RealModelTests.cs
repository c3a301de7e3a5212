using System.Text.Json;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.MaskedSamples;

/// <summary>masked-samples on networks as users bring them.</summary>
public sealed class RealModelTests : IDisposable
{
    private const string CifarOptions = """{"mean": [0.4914, 0.4822, 0.4465], "std": [0.2470, 0.2435, 0.2616]}""";
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Known_games_are_reproduced()
    {
        AddCifar();
        foreach (var known in KnownGames.All().Where(game => game.TryGetProperty("cells", out _)))
        {
            var spec = $$"""
                {"model": "{{known.GetProperty("model").GetString()}}", "dataset": "cifar", "samples": [{{known.GetProperty("sample").GetInt32()}}], "baseline": {"type": "zero"},
                 "players": {"type": "grid", "rows": 8, "columns": 8, "cells": {{known.GetProperty("cells").GetRawText()}}}, "device": "cpu"}
                """;
            var job = await Job.Run(_lab, "masked-samples", spec);
            var sample = Assert.Single((await job.Result<MaskedSamplesResult>()).Samples);
            Assert.Equal(known.GetProperty("label").GetInt32(), sample.Label);
            var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, 0, TestContext.Current.CancellationToken))!;
            Assert.All(KnownGames.Numbers(known, "v").Zip(game.V), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
            var half = known.GetProperty("half_l1").GetDouble();
            Assert.Equal(half, sample.HalfL1, 1e-3 * half);
            var optimum = known.GetProperty("optimum_zeta").GetDouble();
            Assert.InRange(sample.Objective, 0.999 * optimum, 1.002 * optimum);
            Assert.InRange(sample.MatchError, 0, 1e-9);
        }
    }

    [Fact]
    public async Task Ten_players_of_cifar_equal_masking_done_outside()
    {
        AddCifar();
        var job = await Job.Run(_lab, "masked-samples", """
            {"model": "cifar_resnet8_e12", "dataset": "cifar", "samples": {"count": 2, "seed": 4, "correctOnly": true}, "players": {"type": "grid", "rows": 8, "columns": 8, "select": 10, "by": "random"}, "device": "cpu"}
            """);
        await Outside.Check(_lab, job, File.ReadAllBytes(SharedData.Path("models", "cifar_resnet8_e12.onnx")), "cifar");
        Assert.All((await job.Result<MaskedSamplesResult>()).Samples, sample =>
        {
            Assert.Equal(sample.Label, sample.Prediction);
            Assert.InRange(sample.Gap, 0, 1e-3);
            Assert.InRange(sample.MatchError, 0, 1e-9);
        });
    }

    [Fact]
    public async Task Ten_players_of_digits_work_with_a_fixed_batch_dimension()
    {
        _lab.AddModel("mnist", File.ReadAllBytes(SharedData.Path("models", "mnist.onnx")));
        _lab.AddDataset("digits", "images", "{}", SharedData.Path("data", "mnist", "0.jpg"), SharedData.Path("data", "mnist", "3.jpg"), SharedData.Path("data", "mnist", "5.jpg"), SharedData.Path("data", "mnist", "7.jpg"));
        var job = await Job.Run(_lab, "masked-samples", """
            {"model": "mnist", "dataset": "digits", "samples": [0, 2], "players": {"type": "grid", "rows": 5, "columns": 5, "select": 10, "by": "random", "seed": 1}, "baseline": {"type": "zero"}, "device": "cpu"}
            """);
        Assert.Equal("predicted", job.Work.Spec.GetProperty("value").GetProperty("target").GetString());
        await Outside.Check(_lab, job, File.ReadAllBytes(SharedData.Path("models", "mnist.onnx")), "digits");
        Assert.Contains((await job.Result<MaskedSamplesResult>()).Notes, note => note.Contains("no multiple", StringComparison.Ordinal));
    }

    private void AddCifar()
    {
        _lab.AddModel("cifar_resnet8_e12", File.ReadAllBytes(SharedData.Path("models", "cifar_resnet8_e12.onnx")));
        _lab.AddDataset("cifar", "cifar10", CifarOptions, SharedData.Path("data", "cifar10", "test_batch.bin"));
    }
}
