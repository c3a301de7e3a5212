namespace InteractionLab.Interactions;

/// <summary>A table is not a game: its length is not a power of two, or a value is not finite. The message says which.</summary>
public sealed class InvalidGameException : ArgumentException
{
    /// <summary>Creates the exception without a message.</summary>
    public InvalidGameException()
    {
    }

    /// <summary>Creates the exception with the fault found.</summary>
    public InvalidGameException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the fault found and its cause.</summary>
    public InvalidGameException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
