using System.Globalization;
using System.Numerics;

namespace InteractionLab.Interactions;

/// <summary>
/// The rules every table over masks obeys (method.md §1): 2^n entries in numeric mask order (bit i of the index is
/// player i), 1 ≤ n ≤ <see cref="MaxPlayers"/>, every value finite.
/// </summary>
public static class Game
{
    /// <summary>The most players of a table.</summary>
    public const int MaxPlayers = 24;

    /// <summary>
    /// The largest |v(S)| that uploads and specs may hold: interactions can reach 3^n times the largest output, so
    /// beyond this they could leave the range of a double.
    /// </summary>
    public const double LargestValue = 1e300;

    /// <summary>n of a table with <paramref name="length"/> entries.</summary>
    /// <exception cref="InvalidGameException">The length is not 2^n with 1 ≤ n ≤ <see cref="MaxPlayers"/>.</exception>
    public static int PlayerCount(int length)
    {
        if (length < 2 || !BitOperations.IsPow2(length) || length > 1 << MaxPlayers)
        {
            throw new InvalidGameException(
                string.Create(CultureInfo.InvariantCulture, $"A game of n players has 2^n values with 1 <= n <= {MaxPlayers}; this table has {length}."));
        }

        return BitOperations.Log2((uint)length);
    }

    /// <summary>Checks a table of outputs and returns its number of players.</summary>
    /// <param name="v">v(S) by mask, 2^n values.</param>
    /// <exception cref="InvalidGameException">The length is not 2^n with 1 ≤ n ≤ <see cref="MaxPlayers"/>, or a value is NaN or infinite.</exception>
    public static int Validate(ReadOnlySpan<double> v)
    {
        var players = PlayerCount(v.Length);
        for (var mask = 0; mask < v.Length; mask++)
        {
            if (!double.IsFinite(v[mask]))
            {
                throw new InvalidGameException(
                    string.Create(CultureInfo.InvariantCulture, $"v[{mask}] is {v[mask]}; every value of a game must be finite."));
            }
        }

        return players;
    }
}
