using InteractionLab.Interactions;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Models.Tests.Zoo;

/// <summary>Weights have the distributions of torch.nn.init; bounds are five standard errors of the statistic.</summary>
public sealed class InitialisationTests
{
    private const int Draws = 200_000;

    [Fact]
    public void Uniform_numbers_have_their_bound_mean_and_variance()
    {
        var values = Draw(Initialisers.Default(25));
        Assert.InRange(values.Max(), 0.1999, 0.2);
        Assert.InRange(values.Min(), -0.2, -0.1999);
        CheckMoments(values, 0.04 / 3, kurtosis: 1.8);
    }

    [Fact]
    public void Normal_numbers_have_their_mean_variance_and_tails()
    {
        var values = Draw(Initialisers.Normal(0.5));
        CheckMoments(values, 0.25, kurtosis: 3);
        var beyond = values.Count(value => Math.Abs(value) > 1) / (double)Draws;
        Assert.InRange(beyond, 0.0455 - 0.0024, 0.0455 + 0.0024);
    }

    [Fact]
    public void Xavier_and_kaiming_have_the_variances_of_their_papers()
    {
        CheckMoments(Draw(Initialisers.XavierUniform(30, 50)), 2.0 / 80, kurtosis: 1.8);
        CheckMoments(Draw(Initialisers.KaimingFanOut(72)), 2.0 / 72, kurtosis: 3);
    }

    [Fact]
    public void Layers_have_the_initialisation_of_pytorch()
    {
        var mlp = ModelZoo.Build(ZooNetworks.Read("""{"name": "mlp", "depth": 3, "width": 200}"""), ZooNetworks.Census, 1);
        Within(ZooNetworks.Weights(mlp, "fc2.weight"), 1 / Math.Sqrt(200), 1.0 / 600);
        Within(ZooNetworks.Weights(mlp, "fc1.weight"), 1 / Math.Sqrt(12), 1.0 / 36);
        Within(ZooNetworks.Weights(mlp, "fc1.bias"), 1 / Math.Sqrt(12), 1.0 / 36);

        var resnet = ModelZoo.Build(ZooNetworks.Read("""{"name": "resnet", "depth": 8}"""), ZooNetworks.Cifar, 1);
        CheckMoments(ZooNetworks.Weights(resnet, "layer3.0.conv2.weight"), 2.0 / (9 * 64), kurtosis: 3);
        CheckMoments(ZooNetworks.Weights(resnet, "layer2.0.conv1.weight"), 2.0 / (9 * 32), kurtosis: 3);
        CheckMoments(ZooNetworks.Weights(resnet, "layer3.0.downsample.0.weight"), 2.0 / 64, kurtosis: 3);
        Assert.All(ZooNetworks.Weights(resnet, "bn1.weight"), weight => Assert.Equal(1, weight));
        Assert.All(ZooNetworks.Weights(resnet, "bn1.bias"), bias => Assert.Equal(0, bias));
        Assert.All(ZooNetworks.Weights(resnet, "bn1.running_mean"), mean => Assert.Equal(0, mean));
        Assert.All(ZooNetworks.Weights(resnet, "bn1.running_var"), variance => Assert.Equal(1, variance));
    }

    [Fact]
    public void Transformers_have_the_initialisation_of_their_modules()
    {
        var vit = ModelZoo.Build(ZooNetworks.Read("""{"name": "vit", "depth": 1}"""), ZooNetworks.Cifar, 1);
        foreach (var name in (string[])["positions", "class_token", "blocks.0.attn.q.weight", "blocks.0.attn.out.weight", "blocks.0.fc1.weight", "logits.weight"])
        {
            CheckMoments(ZooNetworks.Weights(vit, name), 0.0004, kurtosis: 3);
        }

        Within(ZooNetworks.Weights(vit, "patches.weight"), 1 / Math.Sqrt(48), 1.0 / (3 * 48));
        Assert.All(ZooNetworks.Weights(vit, "blocks.0.fc1.bias"), bias => Assert.Equal(0, bias));
        Assert.All(ZooNetworks.Weights(vit, "blocks.0.norm1.weight"), weight => Assert.Equal(1, weight));

        var text = ModelZoo.Build(ZooNetworks.Read("""{"name": "text-transformer"}"""), ZooNetworks.Reviews, 1);
        CheckMoments(ZooNetworks.Weights(text, "words")[64..], 1, kurtosis: 3);
        Within(ZooNetworks.Weights(text, "blocks.1.attn.k.weight"), Math.Sqrt(6 / 256.0), 2 / 256.0);
        Within(ZooNetworks.Weights(text, "blocks.1.attn.out.weight"), 1 / 8.0, 1 / 192.0);
        Within(ZooNetworks.Weights(text, "blocks.1.fc2.weight"), 1 / 16.0, 1 / 768.0);
        Assert.All(ZooNetworks.Weights(text, "blocks.1.attn.v.bias"), bias => Assert.Equal(0, bias));
    }

    [Fact]
    public void Weights_of_two_layers_are_not_the_same_numbers()
    {
        var mlp = ModelZoo.Build(ZooNetworks.Read("""{"name": "mlp", "depth": 4, "width": 50}"""), ZooNetworks.Census, 1);
        var (second, third) = (ZooNetworks.Weights(mlp, "fc2.weight"), ZooNetworks.Weights(mlp, "fc3.weight"));
        var correlation = second.Zip(third, (a, b) => (double)a * b).Sum() / (2500 / (3.0 * 50));
        Assert.InRange(correlation, -0.1, 0.1);
    }

    private static float[] Draw(Initialiser initialiser)
    {
        var values = new float[Draws];
        initialiser(new PortableRandom(42), values);
        return values;
    }

    private static void Within(float[] values, double bound, double variance)
    {
        Assert.All(values, value => Assert.InRange(value, -bound - 1e-7, bound + 1e-7));
        CheckMoments(values, variance, kurtosis: 1.8);
    }

    private static void CheckMoments(float[] values, double variance, double kurtosis)
    {
        double n = values.Length, mean = values.Average(value => (double)value);
        Assert.InRange(mean, -5 * Math.Sqrt(variance / n), 5 * Math.Sqrt(variance / n));
        var found = values.Sum(value => (double)value * value) / n;
        var error = 5 * variance * Math.Sqrt((kurtosis - 1) / n);
        Assert.InRange(found, variance - error, variance + error);
    }
}
