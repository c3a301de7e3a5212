namespace InteractionLab.Experiments;

/// <summary>Which measurements answer for keeping cells; whoever runs jobs records them.</summary>
public static class StorageRates
{
    /// <summary>Seconds a commit where none was measured: two flushes of a disk.</summary>
    internal const double UsualCommit = 0.01;

    /// <summary>Seconds a cell in making the result where none was measured.</summary>
    internal const double UsualComplete = 0.005;

    /// <summary>Committing a cell.</summary>
    public const string Commit = "commit";

    /// <summary>Making the result of a job of a kind, by cell.</summary>
    public static string Complete(string kind) => $"complete {kind}";
}
