namespace InteractionLab.Models.Torch.Gradients;

/// <summary>Gauss-Legendre quadrature on [0, 1].</summary>
internal static class Quadrature
{
    private const int NewtonSteps = 100;
    private const double Converged = 1e-15;

    /// <summary>Nodes ascending and their weights, which sum to 1; exact for polynomials of degree 2 count - 1.</summary>
    public static (double[] Nodes, double[] Weights) GaussLegendre(int count)
    {
        var (nodes, weights) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            // The roots of the Legendre polynomial, by Newton's method from their asymptotic places.
            var x = Math.Cos(Math.PI * (count - i - 0.25) / (count + 0.5));
            var slope = 0.0;
            for (var step = 0; step < NewtonSteps; step++)
            {
                (var value, slope) = Legendre(count, x);
                var change = value / slope;
                x -= change;
                if (Math.Abs(change) < Converged)
                {
                    break;
                }
            }

            (_, slope) = Legendre(count, x);
            nodes[i] = (x + 1) / 2;
            weights[i] = 1 / ((1 - (x * x)) * slope * slope);
        }

        return (nodes, weights);
    }

    /// <summary>The Legendre polynomial and its derivative.</summary>
    private static (double Value, double Slope) Legendre(int degree, double x)
    {
        var (before, value) = (1.0, x);
        for (var k = 2; k <= degree; k++)
        {
            (before, value) = (value, ((((2 * k) - 1) * x * value) - ((k - 1) * before)) / k);
        }

        return (value, degree * ((x * value) - before) / ((x * x) - 1));
    }
}
