namespace InteractionLab.Server.Errors;

/// <summary>A fault of the caller that the API and the dashboard both report in plain words.</summary>
internal abstract class LabException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The HTTP status that says it.</summary>
    public abstract int Status { get; }

    /// <summary>What is wrong by field; empty where no field is at fault.</summary>
    public virtual IReadOnlyDictionary<string, string[]> Errors { get; } = new Dictionary<string, string[]>();
}

/// <summary>There is no such thing.</summary>
internal sealed class NotFoundException(string what, string id) : LabException($"There is no {what} '{id}'.")
{
    public override int Status => StatusCodes.Status404NotFound;
}

/// <summary>The thing is not in a state that allows what was asked.</summary>
internal sealed class ConflictException(string message) : LabException(message)
{
    public override int Status => StatusCodes.Status409Conflict;
}

/// <summary>Fields of the request are wrong.</summary>
internal sealed class InvalidInputException : LabException
{
    public InvalidInputException(string field, string why, Exception? inner = null)
        : this(new Dictionary<string, string[]> { [field] = [why] }, inner)
    {
    }

    public InvalidInputException(IReadOnlyDictionary<string, string[]> errors, Exception? inner = null)
        : base(string.Join(" ", errors.Select(e => $"{e.Key}: {string.Join(" ", e.Value)}")), inner)
    {
        Errors = errors;
    }

    public override int Status => StatusCodes.Status400BadRequest;

    public override IReadOnlyDictionary<string, string[]> Errors { get; }
}

/// <summary>The request's body has a media type that the call does not take.</summary>
internal sealed class UnsupportedMediaException(string message) : LabException(message)
{
    public override int Status => StatusCodes.Status415UnsupportedMediaType;
}

/// <summary>A file that the server stored is no longer what it was, or gone.</summary>
internal sealed class DamagedException(string message) : LabException(message)
{
    public override int Status => StatusCodes.Status409Conflict;
}

/// <summary>There is no space on the server's disk for what is to be stored.</summary>
internal sealed class DiskFullException(string path, Exception? inner = null) : LabException($"The disk of the data directory {path} is full. Free some space; nothing of this was kept.", inner)
{
    public override int Status => StatusCodes.Status507InsufficientStorage;
}

/// <summary>More bytes than the server takes.</summary>
internal sealed class TooLargeException(string field, long limit) : LabException($"{field} is larger than the {limit} bytes this server takes.")
{
    public override int Status => StatusCodes.Status413PayloadTooLarge;

    public override IReadOnlyDictionary<string, string[]> Errors { get; } = new Dictionary<string, string[]>
    {
        [field] = [$"larger than the {limit} bytes this server takes"],
    };
}

/// <summary>The server cannot take this now.</summary>
internal sealed class BusyException(string message) : LabException(message)
{
    public override int Status => StatusCodes.Status503ServiceUnavailable;
}
