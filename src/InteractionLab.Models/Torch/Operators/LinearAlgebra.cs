using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Products of matrices.</summary>
internal static class LinearAlgebra
{
    public static void Register(OperatorTable table)
    {
        table.Add("MatMul", Kernel.Of(call => call[0].matmul(call[1])));
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
