using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>Which cuts the lab proposes, and the work it counts behind them.</summary>
[Trait("speed", "slow")]
public sealed class ModelCutsTests
{
    [Theory]
    [InlineData("cifar_resnet8_e12", "/Relu_output_0", "first activation", "16,32,32")]
    [InlineData("cifar_resnet8_e12", "/l2/Relu_1_output_0", "before residual block 3", "32,16,16")]
    [InlineData("cifar_vit", "/p/Conv_output_0", "patch embedding", "64,8,8")]
    [InlineData("cifar_vit", "/Add_output_0", "before residual block 1", "64,64")]
    [InlineData("sst2_transformer", "/emb/Gather_output_0", "token embedding", "48,64")]
    [InlineData("adult_mlp5", "/1/Relu_output_0", "first activation", "100")]
    [InlineData("mnist", "Pooling66_Output_0", "pooling", "8,14,14")]
    public void Suggests(string name, string tensor, string why, string shape)
    {
        var cuts = ModelCuts.Suggest(Load(name).Model);
        var cut = Assert.Single(cuts, cut => cut.Tensor == tensor);
        Assert.Equal(why, cut.Why);
        Assert.Equal(shape, string.Join(',', cut.Shape));
    }

    [Theory]
    [InlineData("cifar_resnet8_e12")]
    [InlineData("cifar_vit")]
    [InlineData("sst2_transformer")]
    [InlineData("adult_mlp5")]
    [InlineData("mnist")]
    public void Every_suggestion_can_be_cut_and_nothing_leads_round_it(string name)
    {
        var (model, shape) = Load(name);
        var cuts = ModelCuts.Suggest(model);
        Assert.InRange(cuts.Count, 1, 12);
        Assert.Equal(cuts.OrderByDescending(cut => cut.ShareBehind), cuts);
        foreach (var cut in cuts)
        {
            var found = ModelCuts.Describe(model, shape, cut.Tensor);
            Assert.Equal(cut.Shape, found.Shape);
            Assert.Empty(found.Leaks);
            Assert.InRange(cut.ShareBehind, 0.01, 1);
        }
    }

    [Fact]
    public void Work_is_counted_from_shapes()
    {
        // The stem: 3x3x3 weights an output cell and an activation; everything else lies behind the first activation.
        var share = ModelCuts.Suggest(Load("cifar_resnet8_e12").Model).Single(cut => cut.Tensor == "/Relu_output_0").ShareBehind;
        const double Cells = 16 * 1024;
        double Block(double cells, double from, double to, bool widens) =>
            (2 * cells * to * 9 * (from + to)) + (widens ? 2 * cells * to * from : 0) + (3 * cells * to);
        var stem = (2 * Cells * 27) + Cells;
        var blocks = Block(1024, 16, 16, false) + Block(256, 16, 32, true) + Block(64, 32, 64, true);
        var rest = (64 * 64) + (2 * 64 * 10);
        Assert.Equal((blocks + rest) / (stem + blocks + rest), share, 1e-12);
    }

    [Fact]
    public void A_residual_connection_leads_round_a_cut_inside_its_block()
    {
        var (model, shape) = Load("cifar_resnet8_e12");
        var cut = ModelCuts.Describe(model, shape, "/l1/Relu_output_0");
        Assert.Equal(["/Relu_output_0"], cut.Leaks);
        Assert.Equal([16, 32, 32], cut.Shape);
        Assert.DoesNotContain(ModelCuts.Suggest(model), suggested => suggested.Tensor == "/l1/Relu_output_0");
    }

    [Fact]
    public void The_mean_at_a_cut_is_the_mean_of_the_tensor()
    {
        var (model, shape) = Load("cifar_resnet8_e12");
        using var masked = MaskedModel.Build(model, shape, new MaskedModelOptions(ValueKind.LogOdds, "/l1/Relu_1_output_0", DeviceKind.Cpu, Batch: 3));
        var samples = Enumerable.Range(0, 7).Select(index => Pictures.Cifar(index, out _)).ToArray();
        var features = samples.Select(sample => masked.Feature(sample)).ToArray();
        var mean = masked.MeanFeature(samples.Length, index => samples[index]);
        Assert.Equal(16 * 1024, mean.Length);
        for (var cell = 0; cell < mean.Length; cell++)
        {
            Assert.Equal(features.Average(feature => feature[cell]), mean[cell], 1e-5);
        }
    }

    private static (OnnxModel Model, int[] Shape) Load(string name)
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", name + ".onnx")));
        return (model, [.. model.Summary.Inputs[0].Shape.Skip(1).Select(size => (int)size!.Value)]);
    }
}
