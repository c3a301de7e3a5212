using System.Text.Json;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>The games that another implementation computed from a real network and CIFAR-10 pictures.</summary>
public sealed class SharedGamesTests
{
    public static TheoryData<string> Names() => ["cifar_resnet8_e12 test 0", "cifar_resnet8_e12 test 2", "cifar_resnet8_e12 test 3", "cifar_resnet8_e12 test 8"];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_values_of_a_known_game_are_reproduced(string name)
    {
        using var games = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("vectors", "games.json")));
        var game = games.RootElement.EnumerateArray().Single(candidate => candidate.GetProperty("name").GetString() == name);
        var expected = game.GetProperty("v").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        var cells = game.GetProperty("cells").EnumerateArray().Select(cell => cell.GetInt32()).ToArray();
        var sample = Pictures.Cifar(game.GetProperty("sample").GetInt32(), out var label);
        Assert.Equal(game.GetProperty("label").GetInt32(), label);

        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", game.GetProperty("model").GetString() + ".onnx")));
        using var masked = MaskedModel.Build(model, [3, 32, 32], new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu));
        var found = new double[expected.Length];
        var masks = Enumerable.Range(0, expected.Length).Select(mask => (uint)mask).ToArray();
        masked.Evaluate(sample, new float[sample.Length], Pictures.Grid(3, 32, 32, 8, cells), label, masks, found);

        for (var mask = 0; mask < expected.Length; mask++)
        {
            Assert.Equal(expected[mask], found[mask], 1e-3);
        }
    }
}
