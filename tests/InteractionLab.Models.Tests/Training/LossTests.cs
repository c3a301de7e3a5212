using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Training;
using static TorchSharp.torch;

namespace InteractionLab.Models.Tests.Training;

/// <summary>The loss and its gradient, and terms added to it.</summary>
public sealed class LossTests
{
    private const string Mlp = """{"name": "mlp", "depth": 3, "width": 8}""";

    [Theory]
    [InlineData(Mlp, false, 0)]
    [InlineData(Mlp, false, 0.1)]
    [InlineData("""{"name": "resnet", "depth": 8, "width": 2}""", true, 0.1)]
    public void The_gradient_of_the_loss_is_that_of_finite_differences(string architecture, bool pictures, double smoothing)
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var dataset = pictures ? data.Pictures() : data.Rows();
        using var network = TorchNetwork.Load(TrainingData.Network(dataset, architecture), new TorchOptions(DeviceKind.Cpu, Double: true));
        using var scope = NewDisposeScope();
        var (inputs, labels) = Batch(dataset, 12);
        var weights = network.Parameters.Values.ToArray();
        Tensor Loss() => nn.functional.cross_entropy(network.Logits(inputs, ForwardMode.Training), labels, label_smoothing: smoothing);
        var gradients = autograd.grad([Loss()], weights);
        const double Step = 1e-5;
        var random = new Random(3);
        for (var w = 0; w < weights.Length; w++)
        {
            // A rectifier whose input changes sign within the step has no derivative there; two steps tell such places.
            var at = random.Next((int)weights[w].numel());
            var wide = (Moved(weights[w], at, Step, Loss) - Moved(weights[w], at, -Step, Loss)) / (2 * Step);
            var narrow = (Moved(weights[w], at, Step / 4, Loss) - Moved(weights[w], at, -Step / 4, Loss)) / (Step / 2);
            if (Math.Abs(wide - narrow) < 1e-6)
            {
                Assert.Equal(narrow, gradients[w].reshape(-1)[at].item<double>(), 1e-5);
            }
        }
    }

    [Fact]
    public void The_loss_of_an_epoch_is_the_smoothed_cross_entropy_of_its_batches()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Rows());
        var model = TrainingData.Network(train.Dataset, Mlp);

        // A rate too small to move a single-precision weight leaves the network as it was.
        using var trainer = Trainer.Create(model, train, test, Settings with { Optimizer = new() { LearningRate = 1e-30 }, LabelSmoothing = 0.2 });
        var metrics = trainer.RunEpoch(null, TestContext.Current.CancellationToken);
        using var network = TorchNetwork.Load(model, new TorchOptions(DeviceKind.Cpu, Double: true));
        using var scope = NewDisposeScope();
        var (inputs, labels) = Batch(train.Dataset, train.Indices.Count);
        var logits = network.Logits(inputs, ForwardMode.Inference);
        double loss = 0, hits = 0;
        for (var i = 0; i < train.Indices.Count; i++)
        {
            var z = Enumerable.Range(0, 3).Select(k => logits[i, k].item<double>()).ToArray();
            var total = Math.Log(z.Sum(Math.Exp));
            var label = (int)labels[i].item<long>();
            loss += Enumerable.Range(0, 3).Sum(k => ((k == label ? 0.8 : 0) + (0.2 / 3)) * (total - z[k]));
            hits += Array.IndexOf(z, z.Max()) == label ? 1 : 0;
        }

        Assert.Equal(loss / train.Indices.Count, metrics.TrainLoss, 1e-6);
        Assert.Equal(hits / train.Indices.Count, metrics.TrainAccuracy, 1e-12);
    }

    [Fact]
    public void A_term_of_weight_zero_is_never_evaluated_and_changes_nothing()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        Assert.Equal(Train(data, Settings, []), Train(data, Settings, [new Never()]));
    }

    [Fact]
    public void Half_the_squared_weights_as_a_term_is_weight_decay()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var decayed = Train(data, Settings with { Optimizer = Settings.Optimizer with { WeightDecay = 0.05 } }, []);
        var penalised = Train(data, Settings, [new HalfSquares(0.05)]);
        Assert.All(decayed.Zip(penalised), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
        Assert.Contains(Train(data, Settings, []).Zip(penalised), pair => Math.Abs(pair.First - pair.Second) > 1e-2);
    }

    private static readonly TrainingSettings Settings = new()
    {
        Epochs = 3,
        BatchSize = 16,
        Optimizer = new() { LearningRate = 0.1, Momentum = 0.9 },
        Seed = 2,
        Device = DeviceKind.Cpu,
    };

    private static float[] Train(TrainingData data, TrainingSettings settings, IReadOnlyList<ILossTerm> terms)
    {
        var (train, test) = TrainingData.Split(data.Rows());
        using var trainer = Trainer.Create(TrainingData.Network(train.Dataset, Mlp), train, test, settings, terms);
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            var metrics = trainer.RunEpoch(null, TestContext.Current.CancellationToken);
            Assert.Equal(terms.Where(term => term.Weight > 0).Select(term => term.Name), metrics.Terms.Select(term => term.Name));
            Assert.All(metrics.Terms, term => Assert.InRange(term.Value, 0.1, 100));
        }

        using var network = TorchNetwork.Load(trainer.Snapshot(), new TorchOptions());
        return [.. network.Parameters.Values.SelectMany(weight => weight.detach().data<float>().ToArray())];
    }

    private static (Tensor Inputs, Tensor Labels) Batch(IDataset dataset, int count)
    {
        var samples = Enumerable.Range(0, count).Select(dataset.Get).ToArray();
        var values = samples.SelectMany(sample => sample.Values.Select(value => (double)value)).ToArray();
        return (tensor(values, [count, .. dataset.Summary.SampleShape.Select(side => (long)side)]), tensor(samples.Select(sample => (long)sample.Label!.Value).ToArray()));
    }

    private static double Moved(Tensor weight, int at, double step, Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        weight.view(-1)[at].add_(step);
        var value = loss().item<double>();
        weight.view(-1)[at].sub_(step);
        return value;
    }

    private sealed class Never : ILossTerm
    {
        public string Name => "never";

        public double Weight => 0;

        public Tensor Evaluate(TorchNetwork network, TrainingStep step) => throw new InvalidOperationException("A term of weight 0 was evaluated.");
    }

    private sealed class HalfSquares(double weight) : ILossTerm
    {
        public string Name => "half squares";

        public double Weight => weight;

        public Tensor Evaluate(TorchNetwork network, TrainingStep step) =>
            network.Parameters.Values.Select(parameter => parameter.square().sum()).Aggregate((a, b) => a.add(b)).mul(0.5);
    }
}
