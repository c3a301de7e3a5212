using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Training;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Training;

/// <summary>Training frees a batch dimension as masking does.</summary>
public sealed class BakedBatchTrainingTests
{
    public BakedBatchTrainingTests() => TorchLibrary.Require();

    [Fact]
    public void A_graph_written_for_one_row_is_trained_in_batches_and_evaluated_right()
    {
        // z = x·W, its batch of one in a Reshape.
        float[] weights = [.. Enumerable.Range(0, 18).Select(i => (float)Math.Sin(i))];
        var graph = new GraphBuilder();
        graph.Input("x", 1, 6);
        graph.Output("z", 1, 3);
        graph.Initializer("w", weights, 6, 3);
        graph.Initializer("shape", [1L, 6], 2);
        graph.Node("Reshape", ["x", "shape"], "r");
        graph.Node("MatMul", ["r", "w"], "z");
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Rows());
        using var trainer = Trainer.Create(OnnxModel.Load(graph.ToBytes()), train, test, new TrainingSettings { Epochs = 5, BatchSize = 16, Device = DeviceKind.Cpu });
        Assert.Contains(trainer.Notes, note => note.Contains("written for a batch of 1; its batch dimension was freed", StringComparison.Ordinal));
        var before = trainer.EvaluateInitial(null, TestContext.Current.CancellationToken);
        var expected = train.Indices.Average(index =>
        {
            var x = train.Dataset.Get(index).Values;
            var z = Enumerable.Range(0, 3).Select(k => x.Select((value, i) => (double)value * weights[(i * 3) + k]).Sum()).ToArray();
            return Math.Log(z.Sum(Math.Exp)) - z[train.Dataset.Labels![index]];
        });
        Assert.Equal(expected, before.TrainLoss, 1e-5);
        var after = before;
        for (var epoch = 0; epoch < 5; epoch++)
        {
            after = trainer.RunEpoch(null, TestContext.Current.CancellationToken);
        }

        Assert.True(after.TrainLoss < 0.8 * before.TrainLoss, $"{before.TrainLoss} to {after.TrainLoss}");
        Assert.Null(trainer.Snapshot().Summary.Inputs[0].Shape[0]);
    }

    [Fact]
    public void The_digits_network_written_for_one_picture_can_be_trained() =>
        Assert.Null(TrainingNeeds.Of(() => OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "mnist.onnx"))), [1, 28, 28]).WhyNot);

    [Fact]
    public void A_graph_that_takes_one_batch_size_alone_is_refused()
    {
        var graph = new GraphBuilder();
        graph.Input("x", 4, 6);
        graph.Output("z", 4, 3);
        graph.Initializer("w", [.. Enumerable.Range(0, 18).Select(i => (float)i)], 6, 3);
        graph.Initializer("numbers", [0L, 1, 2, 3], 4);
        graph.Node("Gather", ["x", "numbers"], "r", ("axis", 0));
        graph.Node("MatMul", ["r", "w"], "z");
        Assert.Contains("batch of 4 that cannot be changed", TrainingNeeds.Of(() => OnnxModel.Load(graph.ToBytes()), [6]).WhyNot, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_that_torch_does_not_run_are_named()
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 6);
        graph.Output("z", null, 3);
        graph.Initializer("axes", [0L], 1);
        graph.Initializer("both", [0L, 1], 2);
        graph.Initializer("w", new float[54], 1, 9, 6);
        graph.Initializer("r", new float[27], 1, 9, 3);
        graph.Node("Unsqueeze", ["x", "axes"], "s");
        graph.Node("GRU", ["s", "w", "r"], "y", ("hidden_size", 3));
        graph.Node("Squeeze", ["y", "both"], "z");
        Assert.Contains("'GRU'", TrainingNeeds.Of(() => OnnxModel.Load(graph.ToBytes()), [6]).WhyNot, StringComparison.Ordinal);
    }
}
