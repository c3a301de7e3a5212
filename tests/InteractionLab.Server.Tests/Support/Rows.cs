using InteractionLab.Server.Store;

namespace InteractionLab.Server.Tests.Support;

/// <summary>Rows of the store that a test needs without a store.</summary>
internal static class Rows
{
    /// <summary>A job of masked samples that runs.</summary>
    public static JobRow Running(string id, int cells) => new()
    {
        Id = id,
        Kind = "masked-samples",
        Name = id,
        State = "running",
        Spec = "{}",
        RequestHash = "",
        Total = cells,
        Unit = "samples",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Attempts = 1,
    };
}
