namespace InteractionLab.Experiments.Common;

/// <summary>Bounds that several experiments share.</summary>
public static class SpecLimits
{
    /// <summary>The most players of a game computed here: 2^16 masks a sample.</summary>
    public const int MostPlayers = 16;

    /// <summary>The most players where masks are sampled and not enumerated.</summary>
    public const int MostSampledPlayers = 1024;

    /// <summary>What is wrong with more players than <paramref name="most"/>.</summary>
    internal static string FaultOfPlayers(int players, int most) =>
        most == MostPlayers ? $"{players} players: at most {most}, since a game has 2^n masks" : $"{players} players: at most {most}";

    /// <summary>The largest seed: every JSON reader keeps whole numbers up to 2^53 - 1.</summary>
    public const long LargestSeed = (1L << 53) - 1;

    /// <summary>The largest batch.</summary>
    public const int LargestBatch = 65_536;

    /// <summary>The most iterations of a solver.</summary>
    public const int MostIterations = 10_000_000;
}
