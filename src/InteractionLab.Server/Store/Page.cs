using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Store;

/// <summary>A page of a list, newest first.</summary>
/// <param name="Items">The items.</param>
/// <param name="HasMore">Whether there are older ones.</param>
/// <param name="Next">What <c>after</c> takes for the next page; null on the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, bool HasMore, string? Next)
{
    /// <summary>Cuts a page from rows of which one more than asked for was read.</summary>
    public static Page<T> From<TRow>(List<TRow> rows, PageRequest request, Func<TRow, long> sequence, Func<TRow, T> view)
    {
        var hasMore = rows.Count > request.Take;
        var items = rows.Take(request.Take).ToList();
        return new([.. items.Select(view)], hasMore, hasMore ? sequence(items[^1]).ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }
}

/// <summary>Which page is asked for.</summary>
/// <param name="Take">1..<see cref="MaxTake"/> items.</param>
/// <param name="Before">Only rows with a smaller sequence number.</param>
internal readonly record struct PageRequest(int Take, long Before)
{
    public const int DefaultTake = 50;

    public const int MaxTake = 500;

    /// <summary>Reads <c>take</c> and <c>after</c>.</summary>
    /// <exception cref="InvalidInputException">One of them is wrong.</exception>
    public static PageRequest From(int? take, string? after)
    {
        var errors = new Dictionary<string, string[]>();
        if (take is < 1 or > MaxTake)
        {
            errors["take"] = [$"must be from 1 to {MaxTake}"];
        }

        var before = long.MaxValue;
        if (after is not null && (!long.TryParse(after, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out before) || before < 1))
        {
            errors["after"] = ["must be the 'next' of an earlier page"];
        }

        return errors.Count == 0 ? new(take ?? DefaultTake, before) : throw new InvalidInputException(errors);
    }
}
