namespace InteractionLab.Interactions;

/// <summary>Inverse of a small symmetric positive definite matrix.</summary>
internal static class DenseCholesky
{
    /// <summary>Replaces a matrix, given by its lower triangle (row-major), by its full symmetric inverse.</summary>
    public static void Invert(double[] matrix, int size)
    {
        Factor(matrix, size);
        InvertTriangle(matrix, size);

        // A⁻¹ = L⁻ᵀ L⁻¹; row i of the product needs rows ≥ i of L⁻¹ only, so rising rows may be overwritten.
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var k = i; k < size; k++)
                {
                    sum += matrix[(k * size) + i] * matrix[(k * size) + j];
                }

                matrix[(i * size) + j] = sum;
            }
        }

        for (var i = 0; i < size; i++)
        {
            for (var j = i + 1; j < size; j++)
            {
                matrix[(i * size) + j] = matrix[(j * size) + i];
            }
        }
    }

    private static void Factor(double[] a, int size)
    {
        for (var i = 0; i < size; i++)
        {
            var rowI = a.AsSpan(i * size, size);
            for (var j = 0; j <= i; j++)
            {
                var rowJ = a.AsSpan(j * size, size);
                var sum = rowI[j];
                for (var k = 0; k < j; k++)
                {
                    sum -= rowI[k] * rowJ[k];
                }

                rowI[j] = i == j ? Math.Sqrt(sum) : sum / rowJ[j];
            }
        }
    }

    private static void InvertTriangle(double[] a, int size)
    {
        for (var j = 0; j < size; j++)
        {
            a[(j * size) + j] = 1 / a[(j * size) + j];
            for (var i = j + 1; i < size; i++)
            {
                var sum = 0.0;
                for (var k = j; k < i; k++)
                {
                    sum -= a[(i * size) + k] * a[(k * size) + j];
                }

                a[(i * size) + j] = sum / a[(i * size) + i];
            }
        }
    }
}
