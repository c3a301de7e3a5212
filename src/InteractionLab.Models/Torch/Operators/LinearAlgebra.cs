using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Products of matrices.</summary>
internal static class LinearAlgebra
{
    public static void Register(OperatorTable table)
    {
        table.Add("MatMul", Kernel.Of(call => Product(call[0], call[1])));
        table.Add("Gemm", Gemm);
        table.Add("Einsum", node =>
        {
            var equation = node.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
            return Kernel.Of(call =>
            {
                var operands = new Tensor[call.Count];
                for (var i = 0; i < operands.Length; i++)
                {
                    operands[i] = call[i];
                }

                return einsum(equation, operands);
            });
        });
    }

    /// <summary>
    /// a @ b with the rules of <c>numpy.matmul</c>. Shapes and types are checked here, as torch's own check ends the process
    /// (TorchSharp 0.107: this entry point lets no exception out).
    /// </summary>
    /// <exception cref="InvalidOperationException">They do not go together.</exception>
    public static Tensor Product(Tensor a, Tensor b)
    {
        var (left, right) = (a.shape, b.shape);
        if (left.Length == 0 || right.Length == 0)
        {
            throw Mismatch("a matrix product needs at least one dimension on both sides");
        }

        if (left[^1] != right[Math.Max(0, right.Length - 2)])
        {
            throw Mismatch($"the last dimension of the first factor is {left[^1]}, that of the second to go with it {right[Math.Max(0, right.Length - 2)]}");
        }

        for (var back = 3; back <= Math.Min(left.Length, right.Length); back++)
        {
            if (left[^back] != right[^back] && left[^back] != 1 && right[^back] != 1)
            {
                throw Mismatch($"the dimensions {left[^back]} and {right[^back]} in front do not go together");
            }
        }

        return a.dtype != b.dtype ? throw Mismatch($"the element types are {a.dtype} and {b.dtype}")
            : a.device_type != b.device_type ? throw Mismatch($"one factor is on {a.device_type}, the other on {b.device_type}")
            : a.matmul(b);

        InvalidOperationException Mismatch(string why) =>
            new($"factors [{string.Join(", ", left)}] and [{string.Join(", ", right)}] cannot be multiplied: {why}");
    }

    private static Kernel Gemm(OperatorNode node)
    {
        var (alpha, beta) = (node.Real("alpha", 1), node.Real("beta", 1));
        var (transA, transB, biased) = (node.Flag("transA"), node.Flag("transB"), node.Has(2));
        if (alpha == 1 && beta == 1 && !transA && transB)
        {
            // The common layer: one call, which also knows its own fused gradient.
            return Kernel.Of(call => !biased ? F.linear(call[0], call[1]) : call.Rank(2) == 1 && call.Shape(2)[0] == call.Shape(1)[0]
                ? F.linear(call[0], call[1], call[2])
                : General(call, alpha, beta, transA, transB, biased));
        }

        return Kernel.Of(call => General(call, alpha, beta, transA, transB, biased));
    }

    private static Tensor General(Call call, double alpha, double beta, bool transA, bool transB, bool biased)
    {
        using var scope = NewDisposeScope();
        var a = transA ? call[0].t() : call[0];
        var b = transB ? call[1].t() : call[1];
        var product = a.mm(b);
        product = alpha == 1 ? product : product * alpha;
        if (biased && beta != 0)
        {
            product = beta == 1 ? product + call[2] : product + (call[2] * beta);
        }

        return product.MoveToOuterDisposeScope();
    }
}
