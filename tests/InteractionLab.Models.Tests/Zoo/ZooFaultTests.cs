using InteractionLab.Models.Zoo;

namespace InteractionLab.Models.Tests.Zoo;

/// <summary>Every fault of an architecture is told at its field.</summary>
public sealed class ZooFaultTests
{
    [Theory]
    [InlineData("3", "", "must be an object")]
    [InlineData("{}", "name", "is required: one of mlp")]
    [InlineData("""{"name": "gpt"}""", "name", "must be one of mlp")]
    [InlineData("""{"name": "\ud800"}""", "name", "must be one of mlp")]
    [InlineData("""{"name": 4}""", "name", "must be one of mlp")]
    [InlineData("""{"name": "mlp", "depth": 0}""", "depth", "must be a whole number from 1 to 64")]
    [InlineData("""{"name": "mlp", "depth": 2.5}""", "depth", "must be a whole number from 1 to 64")]
    [InlineData("""{"name": "mlp", "depth": "3"}""", "depth", "must be a whole number from 1 to 64")]
    [InlineData("""{"name": "mlp", "depth": 1e300}""", "depth", "must be a whole number from 1 to 64")]
    [InlineData("""{"name": "mlp", "depth": 3, "depth": 4}""", "depth", "is given twice")]
    [InlineData("""{"name": "mlp", "activation": "swish"}""", "activation", "must be one of relu, tanh, sigmoid, gelu")]
    [InlineData("""{"name": "mlp", "activation": "\ud800"}""", "activation", "must be one of relu, tanh, sigmoid, gelu")]
    [InlineData("""{"name": "mlp", "dropout": 1}""", "dropout", "must be a number from 0 to 0.9")]
    [InlineData("""{"name": "mlp", "heads": 1}""", "heads", "is no option of mlp; its options are depth, width, activation, dropout")]
    [InlineData("""{"name": "mlp", "\ud800": 1}""", "\uFFFD", "is no option of mlp")]
    [InlineData("""{"name": "resnet", "depth": 21}""", "depth", "must be one of 8, 14, 20")]
    public void A_fault_names_its_field(string json, string field, string why)
    {
        var fault = Assert.Single(ZooNetworks.Faults(json, out _));
        Assert.Equal(field, fault.Field);
        Assert.Contains(why, fault.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_at_once() =>
        Assert.Equal(["depth", "width", "activation", "more"], ZooNetworks.Faults("""{"name": "mlp", "width": -1, "depth": null, "depth": [], "activation": 3, "more": {}}""", out _).Select(fault => fault.Field).Distinct().OrderBy(field => field == "more"));

    [Fact]
    public void What_does_not_fit_the_dataset_is_told()
    {
        Assert.Equal(("name", "resnet takes pictures; the samples are tables of shape [12]"), Assert.Single(ZooNetworks.Misfits("""{"name": "resnet"}""", ZooNetworks.Census)));
        Assert.Equal("name", Assert.Single(ZooNetworks.Misfits("""{"name": "mlp"}""", ZooNetworks.Reviews)).Field);
        Assert.Contains("no labels", Assert.Single(ZooNetworks.Misfits("""{"name": "mlp"}""", ZooNetworks.Census with { Classes = 0 })).Why, StringComparison.Ordinal);
        Assert.Contains("at least 12x12", Assert.Single(ZooNetworks.Misfits("""{"name": "lenet"}""", ZooNetworks.Cifar with { SampleShape = [3, 11, 32] })).Why, StringComparison.Ordinal);
        Assert.Contains("the limit is 50000000", Assert.Single(ZooNetworks.Misfits("""{"name": "mlp", "depth": 64, "width": 8192}""", ZooNetworks.Census)).Why, StringComparison.Ordinal);
        Assert.Contains("at least 29x29", Assert.Single(ZooNetworks.Misfits("""{"name": "alexnet-small"}""", ZooNetworks.Digits)).Why, StringComparison.Ordinal);
        Assert.Contains("at least 32x32", Assert.Single(ZooNetworks.Misfits("""{"name": "vgg"}""", ZooNetworks.Digits)).Why, StringComparison.Ordinal);
        Assert.Equal(["heads", "patch"], ZooNetworks.Misfits("""{"name": "vit", "patch": 5, "width": 30}""", ZooNetworks.Cifar).Select(fault => fault.Field));
        Assert.Contains("more than 4096 patches", Assert.Single(ZooNetworks.Misfits("""{"name": "vit", "patch": 1}""", ZooNetworks.Cifar with { SampleShape = [3, 80, 80] })).Why, StringComparison.Ordinal);
        Assert.Equal(("length", "is 32, but the dataset's texts have 48 tokens"), Assert.Single(ZooNetworks.Misfits("""{"name": "text-transformer", "length": 32}""", ZooNetworks.Reviews)));
        Assert.Throws<ArgumentException>(() => ModelZoo.Build(ZooNetworks.Read("""{"name": "resnet"}"""), ZooNetworks.Census, 1));
    }
}
