using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Graphs put together at random from every kind of dependency: whatever is cut from them, cutting is zeroing.</summary>
[Trait("speed", "slow")]
public sealed class RandomGraphTests
{
    private const int Side = 4;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Cutting_is_zeroing_on_random_graphs(int block)
    {
        var cut = 0;
        for (var seed = 10 * block; seed < 10 * (block + 1); seed++)
        {
            cut += Check(seed) ? 1 : 0;
        }

        Assert.InRange(cut, 5, 10);
    }

    /// <summary>Whether anything could be cut.</summary>
    private static bool Check(int seed)
    {
        var model = new Walk(seed).Model();
        Pruner pruner;
        try
        {
            pruner = Pruner.Create(model, new PrunerOptions(seed % 2 == 0 ? PrunerKind.StructuredMagnitude : PrunerKind.StructuredIsomorphic));
        }
        catch (ModelRejectedException fault)
        {
            Assert.Contains("No channel can be removed", fault.Message, StringComparison.Ordinal);
            return false;
        }

        foreach (var share in new[] { 0.3, 0.7, 1 })
        {
            Equivalence.Check(model, pruner.Prune(share * pruner.MaxRatio), seed);
        }

        return true;
    }

    /// <summary>Adds random layers to random tensors of a picture network.</summary>
    private sealed class Walk(int seed)
    {
        private readonly Random random = new(seed);
        private readonly Net net = new(4, Side, Side);
        private readonly List<(string Name, int Channels)> tensors = [("x", 4)];
        private int number;

        public OnnxModel Model()
        {
            // At least one plain layer, so that most graphs have something to cut.
            Conv("x", 4, 8, 1);
            var layers = random.Next(4, 12);
            for (var layer = 0; layer < layers; layer++)
            {
                Layer();
            }

            // The newest tensors are read; older ones mostly are already.
            var heads = tensors.TakeLast(2).Select((tensor, i) => net.Linear(net.Pool(tensor.Name), $"fc{i}", tensor.Channels, 3)).ToArray();
            return net.Model(net.Node("Add", "logits", heads), 3);
        }

        private void Layer()
        {
            var (x, channels) = tensors[random.Next(Math.Max(0, tensors.Count - 4), tensors.Count)];
            var same = tensors.Where(tensor => tensor.Channels == channels && tensor.Name != x).ToList();
            switch (random.Next(16))
            {
                case 0 or 1:
                    Conv(x, channels, 4 * random.Next(1, 4), random.Next(3) == 0 ? 2 : 1);
                    break;
                case 2:
                    Conv(x, channels, channels * random.Next(1, 3), channels);
                    break;
                case 3 or 4 when same.Count > 0:
                    Add(net.Node(random.Next(3) == 0 ? "Mul" : "Add", Next(), [x, same[random.Next(same.Count)].Name]), channels);
                    break;
                case 5:
                    Add(net.Node(((string[])["Relu", "Sigmoid", "Tanh", "Exp", "Abs", "Softplus"])[random.Next(6)], Next(), [net.Node("Tanh", Next(), [x])]), channels);
                    break;
                case 6:
                    Add(net.Node("BatchNormalization", Next(), [x, Vector(channels), Vector(channels), Vector(channels), net.Node("Exp", Next(), [Vector(channels)])]), channels);
                    break;
                case 7 when channels <= 12:
                    var (other, more) = tensors[random.Next(tensors.Count)];
                    Add(net.Node("Concat", Next(), [x, other], ("axis", 1)), channels + more);
                    break;
                case 8:
                    var parts = net.Split(net.Node("Identity", Next(), [x]), 1, channels / 4, channels - (channels / 4));
                    Add(parts[1], channels - (channels / 4));
                    break;
                case 9:
                    var from = random.Next(0, channels / 2);
                    Add(net.Node("Slice", Next(), [x, net.Integers(Next(), from), net.Integers(Next(), from + (channels / 2)), net.Integers(Next(), 1)]), channels / 2);
                    break;
                case 10 when channels <= 12:
                    var front = random.Next(2);
                    Add(net.Node("Pad", Next(), [x, net.Integers(Next(), 0, front, 0, 0, 0, 2, 0, 0)]), channels + front + 2);
                    break;
                case 11 when channels % 2 == 0:
                    Shuffle(x, channels);
                    break;
                case 12 when channels % 2 == 0:
                    GroupNorm(x, channels);
                    break;
                case 13:
                    var gate = net.Node("Sigmoid", Next(), [net.Conv(net.Node("GlobalAveragePool", Next(), [x]), Next(), channels, channels, kernel: 1)]);
                    Add(net.Node("Mul", Next(), [x, gate]), channels);
                    break;
                case 14:
                    Add(random.Next(2) == 0
                        ? net.Node("Softmax", Next(), [x], ("axis", random.Next(1, 4)))
                        : net.Node("Sub", Next(), [x, net.Node("ReduceMean", Next(), [x], ("axes", new long[] { random.Next(1, 4) }))]), channels);
                    break;
                default:
                    Attend(x, channels);
                    break;
            }
        }

        private void Conv(string x, int channels, int filters, int groups) => Add(net.Conv(x, Next(), channels, filters, groups: channels % groups == 0 && filters % groups == 0 ? groups : 1, kernel: 3), filters);

        private void Shuffle(string x, int channels)
        {
            var groups = net.Reshape(x, Next(), 0, 2, channels / 2, Side, Side);
            Add(net.Reshape(net.Transpose(groups, Next(), 0, 2, 1, 3, 4), Next(), -1, channels, Side, Side), channels);
        }

        /// <summary>As PyTorch exports it: to [batch, groups, rest], instance normalisation, back to the shape of x.</summary>
        private void GroupNorm(string x, int channels)
        {
            var normal = net.Node("InstanceNormalization", Next(), [net.Reshape(x, Next(), 0, 2, -1), Vector(2), Vector(2)]);
            var back = net.Node("Reshape", Next(), [normal, net.Node("Shape", Next(), [x])]);
            Add(net.Node("Mul", Next(), [back, net.Weights(Next(), channels, 1, 1)]), channels);
        }

        /// <summary>Attention over pixels, two heads, with projections of the channels.</summary>
        private void Attend(string x, int channels)
        {
            var tokens = net.Transpose(net.Reshape(x, Next(), 0, channels, Side * Side), Next(), 0, 2, 1);
            string Head(params long[] order) => net.Transpose(net.Reshape(net.Linear(tokens, Next(), channels, 8), Next(), 0, Side * Side, 2, 4), Next(), order);
            var scores = net.Node("Softmax", Next(), [net.Node("MatMul", Next(), [Head(0, 2, 1, 3), Head(0, 2, 3, 1)])], ("axis", -1));
            var mixed = net.Transpose(net.Node("MatMul", Next(), [scores, Head(0, 2, 1, 3)]), Next(), 0, 2, 1, 3);
            var joined = net.Linear(net.Reshape(mixed, Next(), 0, -1, 8), Next(), 8, 4);
            Add(net.Reshape(net.Transpose(joined, Next(), 0, 2, 1), Next(), 0, 4, Side, Side), 4);
        }

        private string Vector(int size) => net.Weights(Next(), size);

        private void Add(string name, int channels) => tensors.Add((name, channels));

        private string Next() => $"t{number++}";
    }
}
