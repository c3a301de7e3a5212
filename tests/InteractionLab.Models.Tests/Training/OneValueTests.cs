using InteractionLab.Models.Datasets;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Training;

namespace InteractionLab.Models.Tests.Training;

/// <summary>Batches of which batch normalisation has one value a channel, and numbers that are not finite: neither ruins a network unsaid.</summary>
public sealed class OneValueTests
{
    private static readonly TrainingSettings Plain = new() { Epochs = 1, BatchSize = 4, Optimizer = new() { LearningRate = 1e-6 }, Seed = 5, Device = DeviceKind.Cpu };

    public OneValueTests() => TorchLibrary.Require();

    /// <summary>The statistics after one epoch are those of batches of 4 and 5 rows, computed here from the samples (Ioffe and Szegedy 2015, variance unbiased).</summary>
    [Fact]
    public void The_last_row_is_joined_to_the_batch_before_and_the_statistics_are_those_of_both_together()
    {
        using var data = new TrainingData();
        var rows = data.Rows(9);
        TrainingSamples samples = new(rows, [.. Enumerable.Range(0, 9)]);
        using var trainer = Trainer.Create(OnRows(), samples, samples, Plain);
        Assert.Contains(trainer.Notes, note => note.Contains("joined to the batch before", StringComparison.Ordinal) && note.Contains("'norm'", StringComparison.Ordinal));
        var metrics = trainer.RunEpoch(null, TestContext.Current.CancellationToken);
        Assert.Equal(2, metrics.Steps);
        Assert.True(double.IsFinite(metrics.TestLoss));

        double[] mean = [.. Enumerable.Repeat(0.0, 6)], variance = [.. Enumerable.Repeat(1.0, 6)];
        var order = new TrainingBatches(rows, samples.Indices, 4, Augmentation.None, Plain.Seed).Epoch(0, TestContext.Current.CancellationToken).SelectMany(batch => batch.Indices.Take(batch.Count).ToArray()).ToArray();
        foreach (var batch in new[] { order[..4], order[4..] })
        {
            for (var k = 0; k < 6; k++)
            {
                var values = batch.Select(index => (double)rows.Get(index).Values[k]).ToArray();
                var centre = values.Average();
                mean[k] = (0.9 * mean[k]) + (0.1 * centre);
                variance[k] = (0.9 * variance[k]) + (0.1 * values.Sum(value => (value - centre) * (value - centre)) / (values.Length - 1));
            }
        }

        var kept = trainer.Snapshot().CopyProto().Graph.Initializer;
        Assert.All(Values(kept, "mean").Zip(mean), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        Assert.All(Values(kept, "var").Zip(variance), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    [Fact]
    public void Nine_rows_in_batches_of_eight_are_one_batch_of_nine()
    {
        using var data = new TrainingData();
        TrainingSamples samples = new(data.Rows(9), [.. Enumerable.Range(0, 9)]);
        byte[] Trained(int batch)
        {
            using var trainer = Trainer.Create(OnRows(), samples, samples, Plain with { Epochs = 3, BatchSize = batch, Optimizer = new() { LearningRate = 0.1 } });
            for (var epoch = 0; epoch < 3; epoch++)
            {
                trainer.RunEpoch(null, TestContext.Current.CancellationToken);
            }

            return trainer.Snapshot().ToBytes();
        }

        Assert.Equal(Trained(9), Trained(8));
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(8, 1)]
    public void Batches_of_one_row_are_refused(int batch, int rows)
    {
        using var data = new TrainingData();
        TrainingSamples samples = new(data.Rows(9), [.. Enumerable.Range(0, rows)]);
        var fault = Assert.Throws<TrainingException>(() => Trainer.Create(OnRows(), samples, samples, Plain with { BatchSize = batch }));
        Assert.Contains("'norm'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("one value a channel", fault.Message, StringComparison.Ordinal);
        Assert.Equal(batch == 1, TrainingNeeds.Of(() => OnRows(), [6]).Check(batch, rows)!.Value.OfBatchSize);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "'norm' (BatchNormalization)")]
    public void Pictures_count_by_their_cells(bool pooled, string? expected)
    {
        using var data = new TrainingData();
        var needs = TrainingNeeds.Of(() => OnPictures(pooled), [3, 8, 8]);
        Assert.Null(needs.WhyNot);
        Assert.Equal(expected, needs.Normalisation);
        if (!pooled)
        {
            TrainingSamples samples = new(data.Pictures(5), [.. Enumerable.Range(0, 5)]);
            using var trainer = Trainer.Create(OnPictures(pooled), samples, samples, Plain with { BatchSize = 1 });
            Assert.Empty(trainer.Notes);
            Assert.Equal(5, trainer.RunEpoch(null, TestContext.Current.CancellationToken).Steps);
        }
    }

    [Fact]
    public void A_normalisation_of_one_value_whatever_the_batch_is_never_trained()
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 6);
        graph.Output("z", null, 2);
        Weights(graph, 6, 2);
        graph.Initializer("m", [1f, 2, 3, 4, 5, 6], 1, 6);
        graph.Node("BatchNormalization", ["m", "scale", "bias", "mean", "var"], "norm");
        graph.Node("Add", ["x", "norm"], "h");
        graph.Node("MatMul", ["h", "w"], "z");
        Assert.Contains("however many samples", TrainingNeeds.Of(() => OnnxModel.Load(graph.ToBytes()), [6]).WhyNot, StringComparison.Ordinal);
    }

    [Fact]
    public void A_statistic_that_is_not_finite_ends_training_by_name()
    {
        using var data = new TrainingData();
        TrainingSamples samples = new(data.Rows(8), [.. Enumerable.Range(0, 8)]);
        var fault = Assert.Throws<TrainingException>(() => Trainer.Create(OnRows(variance: float.NaN), samples, samples, Plain));
        Assert.Contains("'var' holds numbers that are not finite before training", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_overflow_end_training_by_name_and_nothing_is_kept()
    {
        using var data = new TrainingData();
        TrainingSamples samples = new(data.Rows(8), [.. Enumerable.Range(0, 8)]);
        using var trainer = Trainer.Create(OnRows(), samples, samples, Plain with { BatchSize = 8, Optimizer = new() { LearningRate = 3e38, WeightDecay = 1e6 } });
        var fault = Assert.Throws<TrainingException>(() => trainer.RunEpoch(null, TestContext.Current.CancellationToken));
        Assert.Contains("not finite after epoch 1", fault.Message, StringComparison.Ordinal);
        Assert.True(trainer.IsTorn);
    }

    [Fact]
    public void A_loss_that_is_infinite_with_finite_weights_is_said()
    {
        using var data = new TrainingData();
        var rows = data.Rows(60);
        var possible = Enumerable.Range(0, 60).Where(index => rows.Labels![index] < 2).ToArray();
        TrainingSamples train = new(rows, possible), test = new(rows, [.. Enumerable.Range(0, 60)]);
        using var trainer = Trainer.Create(OnRows(third: float.NegativeInfinity), train, test, Plain);
        var metrics = trainer.RunEpoch(null, TestContext.Current.CancellationToken);
        Assert.True(double.IsFinite(metrics.TrainLoss));
        Assert.Equal(double.PositiveInfinity, metrics.TestLoss);
        Assert.Contains("The test loss of epoch 1 is not a finite number", Assert.Single(metrics.Notes), StringComparison.Ordinal);
    }

    private static float[] Values(IEnumerable<TensorProto> stored, string name) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(stored.Single(tensor => tensor.Name == name).RawData.Span).ToArray();

    private static OnnxModel OnRows(float variance = 1, float third = 0)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 6);
        graph.Output("z", null, 3);
        Weights(graph, 6, 3, variance);
        graph.Initializer("forbidden", [0, 0, third], 3);
        graph.Node("BatchNormalization", ["x", "scale", "bias", "mean", "var"], "norm", ("momentum", 0.9f));
        graph.Node("MatMul", ["norm", "w"], third == 0 ? "z" : "h");
        if (third != 0)
        {
            graph.Node("Add", ["h", "forbidden"], "z");
        }

        return OnnxModel.Load(graph.ToBytes());
    }

    private static OnnxModel OnPictures(bool pooled)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 3, 8, 8);
        graph.Output("z", null, 2);
        Weights(graph, 3, 2);
        var x = pooled ? graph.Node("GlobalAveragePool", ["x"], "pooled") : "x";
        graph.Node("BatchNormalization", [x, "scale", "bias", "mean", "var"], "norm");
        graph.Node("GlobalAveragePool", ["norm"], "cells");
        graph.Node("Flatten", ["cells"], "flat");
        graph.Node("MatMul", ["flat", "w"], "z");
        return OnnxModel.Load(graph.ToBytes());
    }

    private static void Weights(GraphBuilder graph, int channels, int classes, float variance = 1)
    {
        var random = new Random(3);
        graph.Initializer("w", [.. Enumerable.Range(0, channels * classes).Select(_ => (float)(random.NextDouble() - 0.5))], channels, classes);
        graph.Initializer("scale", [.. Enumerable.Repeat(1f, channels)], channels);
        graph.Initializer("bias", [.. Enumerable.Range(0, channels).Select(k => 0.1f * k)], channels);
        graph.Initializer("mean", new float[channels], channels);
        graph.Initializer("var", [.. Enumerable.Repeat(variance, channels)], channels);
    }
}
